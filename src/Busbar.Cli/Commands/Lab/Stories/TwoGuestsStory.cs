// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Cli;

/// <summary>Story 1: two guests over ivshmem-doorbell, one of which is killed and comes back.</summary>
internal sealed class TwoGuestsStory : IvshmemStory
{
    public TwoGuestsStory()
        : base(1, "two guests over ivshmem-doorbell", endpointIsAGuest: true)
    {
    }
}
