// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using Busbar.Pci;

namespace Busbar.Cli;

/// <summary><c>busbar ivshmem-server</c>: memory and doorbells for several processes or guests.</summary>
internal sealed class IvshmemServerCommand : BusbarCommand
{
    private const int MostVectors = 64;
    private const int MostClients = 65_536;
    private const int DefaultSize = 4 << 20;

    private readonly Option<string> _socket = new("--socket") { Description = "Socket file to create.", HelpName = "PATH", Required = true };
    private readonly Option<int?> _size = OptionKinds.WindowSize("--size", "Bytes of shared memory (4M).");
    private readonly Option<int> _vectors = OptionKinds.Number("--vectors", "Doorbells of each client.", "N", 1, 1, MostVectors);
    private readonly Option<int> _clients = OptionKinds.Number("--clients", "Clients at the same time; further ones are turned away.", "N", 256, 1, MostClients);
    private readonly Option<int> _parent = ParentOption.Create();
    private readonly Option<bool> _json = OptionKinds.Json("Print each event as one JSON line instead of text.");

    public IvshmemServerCommand()
        : base("ivshmem-server", "Serve shared memory and doorbells on a UNIX socket, as QEMU's ivshmem-server does. Runs until SIGINT or SIGTERM.")
    {
        foreach (Option option in (Option[])[_socket, _size, _vectors, _clients, _parent, _json]) Options.Add(option);
        SetAction(Run);
    }

    public override IReadOnlyList<string> Examples =>
    [
        "busbar ivshmem-server --socket /run/lab.sock --size 4M --vectors 2",
        "qemu-system-x86_64 ... -chardev socket,path=/run/lab.sock,id=i -device ivshmem-doorbell,chardev=i,vectors=2",
        "busbar endpoint --link mmbi:ivshmem:/run/lab.sock",
    ];

    public override IReadOnlyList<string> Notes => ["A socket file that nobody listens on any more is replaced; a second server on a live socket is refused with 2."];

    private int Run(ParseResult parsed)
    {
        if (!ParentOption.TryFollow(parsed, _parent)) return ExitCode.Unreachable;
        using var stop = new StopSignal();
        var writer = new EventWriter(parsed.GetValue(_json));

        // Whoever does not read our events must not hold up the clients.
        using var events = new EventPrinter(writer);
        using var server = new IvshmemServer(new IvshmemServerOptions
        {
            SocketPath = parsed.GetValue(_socket)!,
            Size = parsed.GetValue(_size) ?? DefaultSize,
            Vectors = parsed.GetValue(_vectors),
            MaximumClients = parsed.GetValue(_clients),
        });
        server.ClientConnected += id => events.Post(new EventLine { Event = "client_connected", Client = id });
        server.ClientDisconnected += (id, reason) =>
            events.Post(new EventLine { Event = "client_disconnected", Client = id, Reason = Names.Snake(reason.ToString()) });
        writer.Write(new EventLine
        {
            Event = "ready",
            Pid = Environment.ProcessId,
            Socket = server.SocketPath,
            WindowBytes = (int)server.Memory.Size,
            Vectors = server.Vectors,
        });
        server.Run(stop.Token);
        server.Dispose();
        events.Dispose();
        writer.Write(new EventLine { Event = "stopped", Server = ServerReport.Collect(server.Statistics) });
        return ExitCode.Success;
    }
}
