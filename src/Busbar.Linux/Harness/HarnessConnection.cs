// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using System.Text;

namespace Busbar.Linux;

/// <summary>
/// The way to a test harness that plays the kernel: an inherited AF_UNIX SOCK_SEQPACKET descriptor, named by the environment variable <see cref="Variable"/>. One request at a
/// time opens an MCTP socket, a netlink socket or a timer, or asks for the device path of an interface. It is the protocol of the test-suite of the mctp tools
/// (CodeConstruct/mctp, tests), so that this suite can test programs that use it.
/// </summary>
/// <remarks>One thread at a time. A harness that does not answer within five seconds is gone.</remarks>
public sealed class HarnessConnection : IDisposable
{
    /// <summary>The environment variable that holds the number of the descriptor.</summary>
    public const string Variable = "MCTP_TEST_SOCK";

    private const byte OpInit = 0;
    private const byte OpMctp = 1;
    private const byte OpNetlink = 2;
    private const byte OpTimer = 3;
    private const byte OpDevicePath = 4;
    private const int AnswerLimitMs = 5000;
    private const int LongestAnswer = 256;

    private readonly PacketEnd _end;

    internal HarnessConnection(PacketEnd end)
    {
        _end = end;
        Span<byte> answer = stackalloc byte[LongestAnswer];
        Ask([OpInit], answer, []);
    }

    /// <summary>Connects to the harness that the environment names.</summary>
    /// <returns>Null when it names none.</returns>
    /// <exception cref="LinuxException">It names something that is no such descriptor.</exception>
    public static HarnessConnection? FromEnvironment()
    {
        string? text = Environment.GetEnvironmentVariable(Variable);
        if (string.IsNullOrEmpty(text)) return null;
        if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) || number < 3)
            throw new LinuxException(Errno.EBADF, "getenv", $"{Variable}='{text}' is no number of an inherited descriptor");
        var descriptor = new FileDescriptor(number);
        LinuxException.Check(NativeFile.Control(descriptor, NativeFile.F_SETFD, NativeFile.FD_CLOEXEC), "fcntl", $"{Variable}={text} names no open descriptor");
        return new HarnessConnection(new PacketEnd(descriptor));
    }

    /// <summary>Opens an MCTP socket with extended addresses switched on.</summary>
    /// <exception cref="LinuxException">The harness is gone; so with all that follow.</exception>
    public IMctpDatagrams OpenMctp() => new HarnessMctpSocket(Open(OpMctp));

    /// <summary>Opens a netlink socket. The harness announces changes to the one that was opened last.</summary>
    public INetlinkChannel OpenNetlink() => new HarnessNetlinkSocket(Open(OpNetlink));

    /// <summary>Opens a timer.</summary>
    public HarnessTimer OpenTimer() => new(Open(OpTimer));

    /// <summary>Where an interface sits in the device tree.</summary>
    /// <param name="name">The interface's name.</param>
    /// <returns>The path without <c>/sys</c>; null when the harness knows none.</returns>
    public string? DevicePath(string name)
    {
        Span<byte> answer = stackalloc byte[LongestAnswer];
        int length = Ask([OpDevicePath, .. Encoding.UTF8.GetBytes(name)], answer, []);
        return length < 2 || answer[0] != length - 1 ? null : Encoding.UTF8.GetString(answer[1..length]);
    }

    /// <summary>Closes the connection; what was opened stays.</summary>
    public void Dispose() => _end.Dispose();

    private PacketEnd Open(byte kind)
    {
        Span<byte> answer = stackalloc byte[LongestAnswer];
        var descriptors = new List<FileDescriptor>(1);
        Ask([kind], answer, descriptors);
        for (int i = 1; i < descriptors.Count; i++) descriptors[i].Dispose();
        if (descriptors.Count == 0) throw new LinuxException(Errno.EPROTO, "recvmsg", "The test harness sent no descriptor");
        return new PacketEnd(descriptors[0]);
    }

    private int Ask(ReadOnlySpan<byte> request, Span<byte> answer, List<FileDescriptor> descriptors)
    {
        const string Failure = "Asking the test harness failed";
        Errno sent = _end.Send(request);
        if (sent != Errno.None) throw new LinuxException(sent, "sendmsg", Failure);
        if (!_end.WaitReadable(AnswerLimitMs)) throw new LinuxException(Errno.ETIMEDOUT, "poll", Failure);
        Errno received = _end.TryReceive(answer, descriptors, out int length);
        return received == Errno.None ? length : throw new LinuxException(received, "recvmsg", Failure);
    }
}
