// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mctp;

/// <summary>What an Allocate Endpoint IDs request asks for, bits 1:0.</summary>
public enum AllocateEndpointIdsOperation : byte
{
    /// <summary>Take this pool unless there is one.</summary>
    Allocate = 0,

    /// <summary>Take this pool and give up the old one.</summary>
    Force = 1,

    /// <summary>Only say what there is.</summary>
    GetInformation = 2,
}
