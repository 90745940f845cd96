// SPDX-License-Identifier: Apache-2.0
using System.Text;

namespace Busbar.Linux;

/// <summary>Word for the service manager that started this process (sd_notify(3)): datagrams to the socket that NOTIFY_SOCKET names.</summary>
public static unsafe class ServiceManager
{
    /// <summary>The environment variable with the socket's name.</summary>
    public const string Variable = "NOTIFY_SOCKET";

    /// <summary>Sends assignments such as <c>READY=1</c>, one a line. Never waits.</summary>
    /// <param name="state">The assignments.</param>
    /// <returns>False when nobody asked for it, or the socket does not take it; a program works without.</returns>
    public static bool TryNotify(string state)
    {
        string? name = Environment.GetEnvironmentVariable(Variable);
        if (string.IsNullOrEmpty(name) || name[0] is not ('/' or '@')) return false;
        try
        {
            UnixAddress address = UnixAddress.For(name, out uint length);
            using FileDescriptor socket = UnixConnection.NewSocket(NativeSocket.SOCK_DGRAM);

            // SAFETY: the address and what the header points to live on this stack or are pinned during the calls.
            if (NativeSocket.Connect(socket, &address, length) < 0) return false;
            byte[] bytes = Encoding.UTF8.GetBytes(state);
            fixed (byte* data = bytes)
            {
                var vector = new IoVector { Base = data, Length = (nuint)bytes.Length };
                var message = new MessageHeader { Vectors = &vector, VectorCount = 1 };
                return NativeSocket.Send(socket, &message, NativeSocket.MSG_NOSIGNAL | NativeSocket.MSG_DONTWAIT) >= 0;
            }
        }
        catch (LinuxException)
        {
            return false;
        }
    }
}
