// SPDX-License-Identifier: Apache-2.0
using Busbar.Linux;

namespace Busbar.Pci.Tests;

/// <summary>What a child process does: it says a line on its output and then goes on until its input ends or it is killed.</summary>
internal static class ChildRoles
{
    public static int Play(string role, string[] args)
    {
        switch (role)
        {
            case "client":
                return BeClient(args[0]);
            case "server":
                return BeServer(args[0], spareFiles: 0);
            case "poor-server":
                return BeServer(args[0], spareFiles: 24);
            case "vfio-user":
                return BeDevice(args[0]);
            default:
                Console.Error.WriteLine($"There is no role '{role}'.");
                return 2;
        }
    }

    private static int BeClient(string socket)
    {
        using IvshmemClient client = IvshmemClient.Connect(socket, 10_000);
        Say(client.OwnId.ToString());
        Console.In.ReadToEnd();
        return 0;
    }

    private static int BeServer(string socket, int spareFiles)
    {
        using var server = new IvshmemServer(new IvshmemServerOptions { SocketPath = socket, Size = 1 << 16, Vectors = 2 });
        using var cancel = new CancellationTokenSource();
        var loop = new Thread(() => server.Run(cancel.Token));
        loop.Start();
        Say("ready");
        if (spareFiles > 0) ResourceLimits.LimitOpenFiles(Directory.GetFiles("/proc/self/fd").Length + spareFiles);
        Say("set");
        Console.In.ReadToEnd();
        cancel.Cancel();
        loop.Join();
        Say($"refused {server.Statistics.RefusedResources}");
        return 0;
    }

    private static int BeDevice(string socket)
    {
        using var function = new VfioUserTestFunction();
        using var server = new VfioUserServer(function, new VfioUserServerOptions { SocketPath = socket });
        server.ClientConnected += () => Say("connected");
        server.ClientDisconnected += reason => Say($"disconnected {reason}, {function.Accesses} accesses, {server.Statistics.InterruptsSent} interrupts");
        server.DeviceReset += () => Say("reset");
        server.InterruptsChanged += (kind, count) => Say($"{kind} {count}");
        server.MessageRefused += message => Say($"refused {message}");
        server.Start();
        Say("ready");
        while (Console.In.ReadLine() is { } command)
        {
            if (command == "look") Say($"memory {function.Window.Read32(0):x8} {function.Window.Read32(4):x8}, {server.DmaMaps} maps, {server.MappedBytes} bytes");
        }

        return 0;
    }

    private static void Say(string line)
    {
        Console.Out.WriteLine(line);
        Console.Out.Flush();
    }
}
