// SPDX-License-Identifier: Apache-2.0
using System.Text;
using Busbar.Linux;

namespace Busbar.Node;

/// <summary>Connects to a daemon, says hello, and turns what goes wrong into one line.</summary>
internal static class DaemonConnector
{
    private const int HelloTimeoutMs = 5000;
    private const int LongestHello = 512;

    public static UnixPackets Connect(string path, LaneKind kind)
    {
        UnixPackets connection = Reach(path);
        try
        {
            Span<byte> packet = stackalloc byte[LongestHello];
            LaneFormat.WriteHello(packet, (byte)kind);
            connection.TrySend(packet[..LaneFormat.HelloSize]);
            if (!connection.Wait(PollEvents.Readable, HelloTimeoutMs))
                throw new MctpException(MctpError.TimedOut, $"the daemon at '{path}' does not answer; see whether its process hangs");
            ReceiveResult received = connection.TryReceive(packet, out int count);

            // A daemon that closed with our hello unread makes the first receive fail; what it said before is behind that.
            if (received == ReceiveResult.Closed) received = connection.TryReceive(packet, out count);
            if (received != ReceiveResult.Received || !LaneFormat.TryReadHello(packet[..count], out byte version, out byte answer))
                throw new MctpException(MctpError.PeerError, $"whoever listens at '{path}' is no Busbar daemon, or one that is ending");
            if (answer == (byte)LaneAnswer.Welcome) return connection;
            string reason = Encoding.UTF8.GetString(packet[LaneFormat.HelloSize..count]);
            throw (LaneAnswer)answer switch
            {
                LaneAnswer.WrongVersion => new MctpException(
                    MctpError.PeerError, $"the daemon at '{path}' speaks version {version} of the client protocol, this program {LaneFormat.Version}; use programs of one release"),
                LaneAnswer.NotOffered => new MctpException(MctpError.NotSupported, $"the daemon at '{path}' refuses: {reason}"),
                _ => new MctpException(MctpError.Unreachable, $"the daemon at '{path}' refuses: {reason}"),
            };
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private static UnixPackets Reach(string path)
    {
        try
        {
            // That others stand in front of the door passes; that nobody is at home does not.
            UnixPackets? connection = UnixPackets.TryConnect(path, out Errno reason);
            return connection ?? UnixPackets.Connect(path, reason == Errno.EAGAIN ? HelloTimeoutMs : 0);
        }
        catch (LinuxException failure)
        {
            throw failure.Errno switch
            {
                Errno.ENOENT or Errno.ECONNREFUSED => new MctpException(
                    MctpError.Unreachable, $"no daemon listens at '{path}'; start 'busbar daemon', or name its socket ({DaemonSocketPath.Variable} or --socket)", failure),
                Errno.EACCES or Errno.EPERM => new MctpException(
                    MctpError.MissingFacility, $"the daemon's socket '{path}' is closed to this user; become a member of its group or run as root", failure),
                Errno.EAGAIN => new MctpException(MctpError.TimedOut, $"the daemon at '{path}' does not take connections; see whether its process hangs", failure),
                _ => new MctpException(MctpError.Unreachable, failure.Message, failure),
            };
        }
    }
}
