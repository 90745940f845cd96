// SPDX-License-Identifier: Apache-2.0
using Busbar.Linux;

namespace Busbar.Node;

/// <summary>A pseudo terminal of ours; there is a stream while somebody has its slave open.</summary>
internal sealed class PseudoTerminalLine : SerialLine
{
    private readonly PseudoTerminal _pair;
    private readonly string? _name;

    public PseudoTerminalLine(string? name)
    {
        _pair = PseudoTerminal.Create();
        try
        {
            if (name is not null) LinkName(name);
            _name = name;
        }
        catch
        {
            _pair.Dispose();
            throw;
        }

        Trouble = $"nobody has {_name ?? _pair.SlavePath} open";
    }

    public override string Description => _name is null ? $"pseudo terminal {_pair.SlavePath}" : $"pseudo terminal {_name} ({_pair.SlavePath})";

    public override int RetryMs => 100;

    public override ByteStream? TryOpen() => _pair.HasUser ? _pair.Stream : null;

    // What the last user left unread is not for the next one.
    public override void Release(ByteStream stream) => _pair.Reopen();

    protected override void Dispose(bool disposing)
    {
        if (!disposing) return;
        if (_name is not null && new FileInfo(_name).LinkTarget == _pair.SlavePath) File.Delete(_name);
        _pair.Dispose();
    }

    // A name that a killed process left behind points to a terminal and may be replaced; nothing else is touched.
    private void LinkName(string name)
    {
        try
        {
            if (new FileInfo(name).LinkTarget is { } old && old.StartsWith("/dev/pts/", StringComparison.Ordinal)) File.Delete(name);
            File.CreateSymbolicLink(name, _pair.SlavePath);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new LinuxException(Errno.EEXIST, "symlink", $"'{name}' cannot become the name of a pseudo terminal; remove it or choose another name");
        }
    }
}
