// SPDX-License-Identifier: Apache-2.0
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace Busbar.Mmbi.Tests;

/// <summary>Random accesses from both sides, and resets: the block and the naive reference agree in every register and every interrupt.</summary>
public sealed class MailboxModelTests
{
    private const int Pairs = 3;

    [Fact]
    public void RandomOperations_MatchTheReference_InRegistersAndInterrupts()
    {
        Arbitrary<int[]> operations = Gen.Choose(0, int.MaxValue - 1).ArrayOf(60).ToArbitrary();
        Prop.ForAll(operations, Agrees).Check(Config.QuickThrowOnFailure.WithMaxTest(300));
    }

    private static bool Agrees(int[] steps)
    {
        var mailbox = new MailboxSetup(Pairs);
        var reference = new MailboxReference(Pairs);
        foreach (int step in steps)
        {
            Apply(mailbox, reference, new Random(step));
            if (!mailbox.Interrupts.SequenceEqual(reference.Interrupts)) return false;
            if (!SameRegisters(mailbox, reference)) return false;
        }

        return true;
    }

    private static void Apply(MailboxSetup mailbox, MailboxReference reference, Random random)
    {
        int side = random.Next(2);
        int pair = random.Next(Pairs);
        MailboxSide from = (MailboxSide)side;

        // Few bits most of the time, or nothing ever coincides.
        uint value = random.Next(4) == 0 ? (uint)random.NextInt64(1L << 32) : 1u << random.Next(4) | 1u << random.Next(10);
        switch (random.Next(20))
        {
            case 0:
                mailbox.Block.ResetLink(pair);
                reference.ResetLink(pair);
                break;
            case 1 when random.Next(4) == 0:
                mailbox.Block.Reset();
                reference.Reset();
                break;
            case < 6:
                mailbox.Write(from, MailboxFormat.GlobalEnable, value);
                reference.WriteGlobalEnable(side, value);
                break;
            case 6:
                mailbox.View(from).Write(MailboxFormat.At(pair, MailboxFormat.Set), 1, value);
                reference.Write(side, pair, MailboxFormat.Set, value % 256);
                break;
            case 7:
                // Two registers in one access: the lower first.
                int even = random.Next(8) * 8;
                ulong both = value | ((ulong)random.NextInt64(1L << 32) << 32);
                mailbox.View(from).Write(MailboxFormat.At(pair, even), 8, both);
                reference.Write(side, pair, even, (uint)both);
                reference.Write(side, pair, even + 4, (uint)(both >> 32));
                break;
            case < 12:
                mailbox.Write(from, pair, MailboxFormat.Set, value);
                reference.Write(side, pair, MailboxFormat.Set, value);
                break;
            default:
                int register = random.Next(16) * 4;
                mailbox.Write(from, pair, register, value);
                reference.Write(side, pair, register, value);
                break;
        }
    }

    private static bool SameRegisters(MailboxSetup mailbox, MailboxReference reference)
    {
        for (int side = 0; side < 2; side++)
        {
            MailboxSide view = (MailboxSide)side;
            if (mailbox.Read(view, MailboxFormat.GlobalEnable) != reference.ReadGlobalEnable(side)) return false;
            if (mailbox.Read(view, MailboxFormat.Summary) != reference.ReadSummary(side)) return false;
            for (int at = 0; at < Pairs * MailboxFormat.Stride; at += 4)
            {
                int pair = at / MailboxFormat.Stride;
                int register = at % MailboxFormat.Stride;
                if (mailbox.Read(view, pair, register) != reference.Read(side, pair, register)) return false;
            }
        }

        return true;
    }
}
