// SPDX-License-Identifier: Apache-2.0
using Busbar.Guest;
using Xunit.Runner.InProc.SystemConsole;

namespace Busbar.Vm;

/// <summary>Runs the tests, or plays the one who boots a guest and is killed.</summary>
internal static class Program
{
    public static int Main(string[] args) => args is ["child", "guest"] ? HoldGuest() : ConsoleRunner.Run(args).GetAwaiter().GetResult();

    // Says which process its QEMU is, then keeps the guest until its input ends.
    private static int HoldGuest()
    {
        using GuestMachine guest = GuestMachine.Start(new GuestOptions { Name = "orphan" }, Guests.BootLimit);
        Console.WriteLine(guest.ProcessId);
        Console.In.ReadToEnd();
        return 0;
    }
}
