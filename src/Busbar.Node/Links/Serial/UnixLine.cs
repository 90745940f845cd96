// SPDX-License-Identifier: Apache-2.0
using Busbar.Linux;

namespace Busbar.Node;

/// <summary>A connection to a UNIX socket that somebody else serves, made again whenever it is lost.</summary>
internal sealed class UnixLine(string path) : SerialLine
{
    public override string Description => $"UNIX socket {path}";

    public override ByteStream? TryOpen()
    {
        if (ByteStream.TryConnect(path, out Errno reason) is { } stream) return stream;
        Trouble = $"nobody listens on '{path}' ({reason}); start the other end first";
        return null;
    }

    protected override void Dispose(bool disposing)
    {
        // Between two streams there is nothing to keep.
    }
}
