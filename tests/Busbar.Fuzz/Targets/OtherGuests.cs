// SPDX-License-Identifier: Apache-2.0
using Busbar.Linux;

namespace Busbar.Fuzz;

/// <summary>Connections beside the one that is served: they come, speak out of turn with a descriptor in hand, and go.</summary>
internal sealed class OtherGuests
{
    private const int Most = 3;

    private readonly string _path;
    private readonly FileDescriptor _along;
    private readonly List<UnixStream> _others = [];

    public OtherGuests(string path, FileDescriptor along) => (_path, _along) = (path, along);

    /// <summary>One comes, speaks, or goes.</summary>
    public void Change(ref InputReader reader)
    {
        byte what = reader.Byte();
        switch (what & 3)
        {
            case 0 when _others.Count < Most:
                _others.Add(UnixStream.Connect(_path, 0));
                break;
            case 1 when _others.Count > 0:
                ReadOnlySpan<byte> bytes = reader.Take(1 + reader.Byte());
                if (bytes.Length > 0) _others[^1].TrySend(bytes, [_along], out _);
                break;
            case 2 when _others.Count > 0:
                _others[0].Dispose();
                _others.RemoveAt(0);
                break;
            default:
                using (UnixStream other = UnixStream.Connect(_path, 0)) other.TrySend(GuestMessages.Of(GuestMessages.Version, [0, 0, 0, 0]), [_along], out _);
                break;
        }
    }

    /// <summary>All go.</summary>
    public void Leave()
    {
        foreach (UnixStream other in _others) other.Dispose();
        _others.Clear();
    }
}
