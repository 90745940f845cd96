// SPDX-License-Identifier: Apache-2.0
using Busbar.Guest;

namespace Busbar.Cli;

/// <summary>A guest with an ivshmem-doorbell device at a place that is known.</summary>
internal static class IvshmemGuest
{
    /// <summary>Where the device is in the guest.</summary>
    public const string Address = "0000:00:10.0";

    /// <summary>The guest.</summary>
    /// <param name="socket">Of the ivshmem server.</param>
    /// <param name="vectors">Doorbells of the guest.</param>
    public static GuestOptions Options(string socket, int vectors = 1) => new()
    {
        QemuArguments = ["-chardev", $"socket,path={socket},id=ivshmem", "-device", $"ivshmem-doorbell,chardev=ivshmem,vectors={vectors},addr=0x10"],
    };
}
