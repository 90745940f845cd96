// SPDX-License-Identifier: Apache-2.0
using Busbar.Bindings;
using Busbar.Linux;

namespace Busbar.Node;

/// <summary>The bytes of a descriptor for a link.</summary>
internal sealed class StreamChannel(ByteStream stream) : IByteChannel
{
    public bool IsOpen => stream.IsOpen;

    public int TryRead(Span<byte> buffer) => stream.TryRead(buffer);

    public int TryWrite(ReadOnlySpan<byte> bytes) => stream.TryWrite(bytes);
}
