// SPDX-License-Identifier: Apache-2.0
using System.Net;
using System.Net.Sockets;
using Busbar.TestKit;

namespace Busbar.Linux.Tests;

/// <summary>What a child process does: it says "ready" on its output and then waits until its input ends or it is killed.</summary>
internal static class ChildRoles
{
    public static int Play(string role, string[] args)
    {
        switch (role)
        {
            case "lock":
                return HoldLock(args[0]);
            case "listen":
                return Listen(args[0]);
            case "mortal":
                return ConnectUntilParentDies(args[0], int.Parse(args[1]));
            case "starved":
                return ReceiveWithoutRoom();
            case "starved-port":
                return AcceptWithoutRoom();
            case "parent":
                return StartMortal(args[0]);
            default:
                Console.Error.WriteLine($"There is no role '{role}'.");
                return 2;
        }
    }

    private static int HoldLock(string path)
    {
        using MappedMemory file = MappedMemory.Open(path);
        if (!FileLock.TryAcquire(file.Descriptor, 0, 1, out FileLock? acquired)) return 1;
        using (acquired) return WaitForEnd("ready");
    }

    private static int Listen(string path)
    {
        using UnixListener listener = UnixListener.Bind(path);
        return WaitForEnd("ready");
    }

    private static int ConnectUntilParentDies(string socket, int parent)
    {
        if (!ParentDeathSignal.Arm(Signal.Kill, parent)) return 1;
        using UnixConnection connection = UnixConnection.Connect(socket, 5000);
        connection.TrySend(Environment.ProcessId);
        return WaitForEnd("ready");
    }

    private static int StartMortal(string socket)
    {
        using ChildProcess child = ChildProcess.Start("mortal", socket, Environment.ProcessId.ToString());
        return WaitForEnd("ready");
    }

    private static int ReceiveWithoutRoom()
    {
        (UnixConnection ours, UnixConnection theirs) = UnixConnection.CreatePair();
        using EventFd doorbell = EventFd.Create();
        theirs.TrySend(1, doorbell.Descriptor);

        // The doorbell was opened last, and the kernel gives out the lowest free number: with this limit there is none.
        ours.WaitReadable(0);
        ResourceLimits.LimitOpenFiles(doorbell.Descriptor.Number + 1);
        ReceiveResult result = ours.TryReceive(out _, out _);

        // Saying it needs files again.
        ResourceLimits.RaiseOpenFiles();
        return WaitForEnd(result.ToString());
    }

    private static int AcceptWithoutRoom()
    {
        using TcpListener listener = TcpListener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        using var caller = new Socket(SocketType.Stream, ProtocolType.Tcp);
        caller.Connect(listener.LocalEndPoint);
        UnixConnection.Wait(listener.Descriptor, PollEvents.Readable, timeoutMs: 5000);

        // As above: the numbers below this one are taken.
        using EventFd last = EventFd.Create();
        ResourceLimits.LimitOpenFiles(last.Descriptor.Number + 1);
        AcceptResult result = listener.TryAccept(out _);
        bool stillWaits = UnixConnection.Wait(listener.Descriptor, PollEvents.Readable, timeoutMs: 0);
        ResourceLimits.RaiseOpenFiles();
        return WaitForEnd($"{result} {stillWaits}");
    }

    private static int WaitForEnd(string line)
    {
        Console.Out.WriteLine(line);
        Console.Out.Flush();
        Console.In.ReadToEnd();
        return 0;
    }
}
