// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Cli;

/// <summary>Story 2: a guest's driver and a process on this machine over ivshmem-doorbell; the process is killed and comes back.</summary>
internal sealed class GuestAndProcessStory : IvshmemStory
{
    public GuestAndProcessStory()
        : base(2, "a guest and a process over ivshmem-doorbell", endpointIsAGuest: false)
    {
    }
}
