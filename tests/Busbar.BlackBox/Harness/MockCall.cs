// SPDX-License-Identifier: Apache-2.0
namespace Busbar.BlackBox;

/// <summary>A control request to a mock endpoint.</summary>
/// <param name="Body">From the byte behind the type byte on.</param>
/// <param name="Default">What the endpoint would answer on its own; running it has its effects.</param>
internal sealed record MockCall(byte[] Body, Func<byte[]> Default)
{
    public byte Command => Body[1];

    public int InstanceId => Body[0] & 0x1F;

    /// <summary>An answer to this request.</summary>
    public byte[] Answer(byte code, params byte[] data) => [(byte)InstanceId, Command, code, .. data];
}
