// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;

namespace Busbar.Endpoints;

/// <summary>
/// The responder of mctp-bench (prefix <c>cc de f1</c>): counts data messages that arrive, and sends runs of data messages to peers that ask
/// for them. Runs are sent from the stack's own turn, a few messages at a time, so they need no thread.
/// </summary>
public sealed class BenchService : IVendorProtocol
{
    /// <summary>Runs at the same time; further asks are refused with <see cref="BenchStatus.Other"/>.</summary>
    public const int MaximumRuns = 4;

    private readonly List<BenchRun> _runs = new(MaximumRuns);

    /// <summary>What was received.</summary>
    public BenchTally Received { get; } = new();

    /// <summary>Data messages sent in runs that peers asked for.</summary>
    public long Sent { get; private set; }

    /// <summary>Commands that were refused.</summary>
    public long Refused { get; private set; }

    /// <summary>Runs in progress.</summary>
    public int Running => _runs.Count;

    /// <inheritdoc/>
    public ReadOnlySpan<byte> Prefix => VendorPrefix.Bench;

    /// <inheritdoc/>
    public long NextDeadline
    {
        get
        {
            long next = long.MaxValue;
            foreach (BenchRun run in _runs) next = Math.Min(next, run.NextDeadline);
            return next;
        }
    }

    /// <inheritdoc/>
    public void Handle(MctpStack stack, in MctpMessage message, long now)
    {
        ReadOnlySpan<byte> body = message.Body;
        if (!BenchFormat.IsCommand(body))
        {
            Received.Add(body);
            return;
        }

        // Answers to commands belong to the socket that asked; without one, nobody waits for them.
        if (BenchFormat.CommandOf(body) == BenchFormat.CommandAnswer || !message.IsRequest) return;
        Span<byte> answer = stackalloc byte[BenchFormat.Answer];
        BenchStatus status = Start(stack, message, now);
        if (status != BenchStatus.Ok) Refused++;
        BenchFormat.EmitAnswer(answer, BenchFormat.InstanceOf(body), status);
        message.Reply(answer);
    }

    /// <inheritdoc/>
    public void Poll(MctpStack stack, long now)
    {
        for (int i = _runs.Count - 1; i >= 0; i--)
        {
            BenchRun run = _runs[i];
            if (now < run.NextDeadline) continue;
            long before = run.Sent;
            bool goesOn = run.Advance(now);
            Sent += run.Sent - before;
            if (goesOn) continue;
            _runs.RemoveAt(i);
            run.Dispose();
        }
    }

    private BenchStatus Start(MctpStack stack, in MctpMessage message, long now)
    {
        ReadOnlySpan<byte> body = message.Body;
        if (BenchFormat.VersionOf(body) != BenchFormat.Version || BenchFormat.CommandOf(body) != BenchFormat.CommandAsk) return BenchStatus.UnknownCommand;
        if (!BenchFormat.TryReadAsk(body, out uint flags, out int size, out ulong count)) return BenchStatus.BadArgument;
        if (flags != 0 || size < BenchFormat.DataHeader || count == 0) return BenchStatus.BadArgument;
        if (_runs.Count == MaximumRuns || BenchRun.TryStart(stack, message.From, size, count, now) is not { } run) return BenchStatus.Other;
        _runs.Add(run);
        return BenchStatus.Ok;
    }
}
