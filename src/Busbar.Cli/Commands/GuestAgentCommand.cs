// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using Busbar.Guest;

namespace Busbar.Cli;

/// <summary><c>busbar guest-agent</c>: what init of a test guest starts; hidden, because it makes sense nowhere else.</summary>
internal sealed class GuestAgentCommand : BusbarCommand
{
    private readonly Argument<string> _port = new("PORT") { Description = "Device file of the virtio-serial port, for instance /dev/vport0p1." };

    public GuestAgentCommand()
        : base("guest-agent", "Serve the guest harness over a virtio-serial port: whoever holds its other end runs commands here as root.")
    {
        Hidden = true;
        Arguments.Add(_port);
        SetAction(parsed =>
        {
            GuestAgent.ServePort(parsed.GetRequiredValue(_port));
            return ExitCode.Success;
        });
    }

    public override IReadOnlyList<string> Examples => ["busbar guest-agent /dev/vport0p1"];
}
