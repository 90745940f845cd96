// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using System.Diagnostics;
using Busbar.Endpoints;
using Busbar.Mctp;
using Busbar.Node;

namespace Busbar.Cli;

/// <summary><c>busbar send</c>: one message, and its answer.</summary>
internal sealed class SendCommand : BusbarCommand
{
    private const int LargestBody = 65_535;

    private readonly PeerOptions _peer = new();
    private readonly Option<MessageType?> _type = OptionKinds.Type(required: true);
    private readonly Option<bool> _noReply = new("--no-reply") { Description = "Do not wait for an answer." };
    private readonly Option<string?> _tagOwner = OptionKinds.Choice("--tag-owner", "Whether the message owns its tag: yes for requests, no for answers (yes).", "yes|no", "yes", "no");
    private readonly Option<int> _tag = OptionKinds.Number("--tag", "Tag value when the message does not own its tag.", "0..7", 0, 0, 7);
    private readonly Option<TimeSpan> _timeout = OptionKinds.Seconds("--timeout", "How long to wait for the answer, and for the link.", 5, 0.001);
    private readonly Option<bool> _json = OptionKinds.Json();
    private readonly Argument<string[]> _hex = new("HEX") { Description = "The body behind the type byte: 01 02 ff, 01:02:ff or 0102ff.", Arity = ArgumentArity.ZeroOrMore };

    public SendCommand()
        : base("send", "Send one message and print the answer as hex.")
    {
        _peer.AddTo(this);
        foreach (Option option in (Option[])[_type, _noReply, _tagOwner, _tag, _timeout, _json]) Options.Add(option);
        Arguments.Add(_hex);
        SetAction(Run);
    }

    public override IReadOnlyList<string> Examples =>
    [
        "busbar send --link mmbi:ivshmem:/run/lab.sock --type control 80 02        # Get Endpoint ID",
        "busbar send --link mmbi:ivshmem:/run/lab.sock --type pci --eid 9 cc:de:f0:01:02:03",
        "busbar send --link mmbi:shm:/dev/shm/x --type 1 --no-reply 80020205",
        "busbar send --kernel --interface mctpmmbi0 --type control 80 02           # through the kernel, to EID 0",
    ];

    public override IReadOnlyList<string> Notes => ["Exit code 0: sent and, unless --no-reply, answered. 3: no answer in time. 4: the answer has another type."];

    private int Run(ParseResult parsed)
    {
        if (!Hex.TryParse(parsed.GetValue(_hex) ?? [], out byte[]? body, out string? culprit))
            throw new CommandException(ExitCode.Usage, $"'{culprit}' is not hexadecimal; write bytes of two digits, for instance 01 02 ff");
        if (body.Length > LargestBody)
            throw new CommandException(ExitCode.Usage, $"a body of {body.Length} bytes is too long; a message has at most {LargestBody} bytes behind its type");
        TimeSpan timeout = parsed.GetValue(_timeout);
        MessageType type = parsed.GetValue(_type) ?? default;
        bool owns = parsed.GetValue(_tagOwner) != "no";
        bool waits = owns && !parsed.GetValue(_noReply);
        using PeerSession session = _peer.Open(parsed, timeout);
        using MctpSocket socket = session.Source.OpenSocket();
        socket.SendTimeout = timeout;
        MctpEndPoint to = session.Peer(type);
        if (!owns) to = to with { Tag = MctpTag.Unowned(parsed.GetValue(_tag)) };
        long start = Stopwatch.GetTimestamp();
        socket.SendTo(body, to);
        var report = new SendReport { Ok = true, Type = type.Raw, Sent = body.Length };
        if (waits)
        {
            byte[] buffer = new byte[LargestBody + 1];
            MctpReceiveResult result = Receive(socket, buffer, timeout);
            report = report with
            {
                Ok = result.From.Type.Value == type.Value,
                ReplyType = result.From.Type.Raw,
                ReplyEid = result.From.Eid.Value,
                ReplyLength = result.Length,
                Reply = Hex.Format(buffer.AsSpan(0, Math.Min(result.Length, buffer.Length))),
                Us = Math.Round(Stopwatch.GetElapsedTime(start).TotalMicroseconds, 1),
            };
        }

        if (parsed.GetValue(_json)) BusbarJson.WriteLine(report, BusbarJson.Default.SendReport);
        else if (waits) Console.Out.WriteLine(report.Reply);
        if (report.Ok) return ExitCode.Success;
        throw new CommandException(ExitCode.PeerError, $"the answer has type 0x{report.ReplyType:x2} instead of {type}");
    }

    private static MctpReceiveResult Receive(MctpSocket socket, byte[] buffer, TimeSpan timeout)
    {
        try
        {
            return socket.ReceiveFrom(buffer, timeout);
        }
        catch (MctpException late) when (late.Error == MctpError.TimedOut)
        {
            throw new CommandException(ExitCode.Unreachable, $"no answer within {timeout.TotalSeconds:0.###} s; use --timeout for more time or --no-reply for none", late);
        }
    }
}
