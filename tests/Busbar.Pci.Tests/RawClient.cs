// SPDX-License-Identifier: Apache-2.0
using Busbar.Linux;

namespace Busbar.Pci.Tests;

/// <summary>A client that understands nothing and writes down every message, to see a server's exact words.</summary>
internal sealed class RawClient : IDisposable
{
    private readonly List<FileDescriptor> _descriptors = [];

    public RawClient(string path) => Connection = UnixConnection.Connect(path, 0);

    public UnixConnection Connection { get; }

    /// <summary>The descriptors that came, in order.</summary>
    public IReadOnlyList<FileDescriptor> Descriptors => _descriptors;

    /// <summary>The end of the stream was seen.</summary>
    public bool IsClosed { get; private set; }

    /// <summary>Everything that has come since the last call: "7" for a number, "7+" for one with a descriptor.</summary>
    public string Read()
    {
        var words = new List<string>();
        while (true)
        {
            ReceiveResult result = Connection.TryReceive(out long value, out FileDescriptor? descriptor);
            if (result == ReceiveResult.Closed) IsClosed = true;
            if (result != ReceiveResult.Received) return string.Join(' ', words);
            if (descriptor is not null) _descriptors.Add(descriptor);
            words.Add(descriptor is null ? $"{value}" : $"{value}+");
        }
    }

    public void Dispose()
    {
        Connection.Dispose();
        foreach (FileDescriptor descriptor in _descriptors) descriptor.Dispose();
    }
}
