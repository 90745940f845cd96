// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;

namespace Busbar.Cli;

/// <summary><c>busbar pci</c>: PCI functions of this machine.</summary>
internal sealed class PciCommand : Command
{
    public PciCommand()
        : base("pci", "Look at PCI functions, bind them for use by processes, and try their registers and interrupts.")
    {
        Subcommands.Add(new PciListCommand());
        Subcommands.Add(new PciShowCommand());
        Subcommands.Add(new PciBindCommand());
        Subcommands.Add(new PciUnbindCommand());
        Subcommands.Add(new PciReadCommand());
        Subcommands.Add(new PciWriteCommand());
        Subcommands.Add(new PciIrqCommand());
    }
}
