// SPDX-License-Identifier: Apache-2.0
using Busbar.Guest;
using Busbar.TestKit;
using Xunit;

namespace Busbar.Vm;

/// <summary>The table of what MCTP sockets do, against the guest's AF_MCTP; packets come and go through TUN interfaces.</summary>
[Trait("speed", "slow")]
public sealed class KernelSocketTests(PlainGuest guest) : IClassFixture<PlainGuest>
{
    private const byte Owner = 0x08;

    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(60);

    [Fact]
    public void Requests_OfTheTable_GoToTheBindsOfTheTable()
    {
        using var script = new Script(guest.Machine);
        for (uint network = 1; network <= SocketCaseTable.LookupNetworks; network++) script.Do($"tun look{network} {network} {string.Join(',', SocketCaseTable.LookupEids)}");
        foreach (SocketBind bind in SocketCaseTable.Binds) script.Bind(bind, bind.Name);
        var wrong = new List<string>();

        foreach (BindLookupCase each in SocketCaseTable.Lookups)
        {
            script.Do($"inject look{each.Network} {Convert.ToHexStringLower([1, each.Destination, each.Source, 0xC8, each.Type, 0x55])}");
            string[] winners = [.. SocketCaseTable.Binds.Where(bind => script.Ask($"receive {bind.Name}") != "-").Select(bind => bind.Name)];
            string? expected = each.IsDroppedByKernel ? null : each.Winner;
            if (string.Join(',', winners) != (expected ?? "")) wrong.Add($"{each}: got by '{string.Join(',', winners)}'");
        }

        Assert.Empty(wrong);
    }

    [Fact]
    public void Binds_OfTheTable_ExcludeEachOtherAsTheTableSays()
    {
        using var script = new Script(guest.Machine);
        var wrong = new List<string>();

        foreach (BindConflictCase each in SocketCaseTable.Conflicts)
        {
            foreach ((SocketBind first, SocketBind second) in ((SocketBind, SocketBind)[])[(each.First, each.Second), (each.Second, each.First)])
            {
                string one = script.Bind(first, "a");
                string two = script.Bind(second, "b");
                script.Do("close a");
                script.Do("close b");
                if (one != "None" || two != (each.Conflicts ? "EADDRINUSE" : "None")) wrong.Add($"{first.Name} and {second.Name}: {one}, {two}");
            }
        }

        Assert.Empty(wrong);
    }

    [Fact]
    public void Packets_OfTheTable_MakeTheMessagesOfTheTable()
    {
        using var script = new Script(guest.Machine);
        script.Do("tun deliver 1 8");
        var wrong = new List<string>();

        foreach (DeliveryCase each in SocketCaseTable.Deliveries)
        {
            // A socket of its own for each case: what was half received goes with it.
            script.Bind(new SocketBind("s", 1, 255, 0), "s");
            foreach (byte[] packet in each.Packets) script.Do($"inject deliver {Convert.ToHexStringLower(packet)}");
            string[] expected = [.. (each.KernelMessages ?? each.Messages).Select(message => message.Length == 0 ? "-" : Convert.ToHexStringLower(message))];
            string[] got = [.. script.Received("s").Select(message => message.Split(' ')[4])];
            script.Do("close s");
            if (!expected.SequenceEqual(got)) wrong.Add($"{each}: expected '{string.Join(',', expected)}', got '{string.Join(',', got)}'");
        }

        Assert.Empty(wrong);
    }

    [Fact]
    public void Answers_OfTheTable_ReachTheRequesterAsTheTableSays()
    {
        using var script = new Script(guest.Machine);
        script.Do("tun keys 1 8");
        script.Do("route keys 9 12");
        var wrong = new List<string>();

        foreach (KeyCase each in SocketCaseTable.Keys)
        {
            script.Do("open s");
            int tag;
            if (each.Peer == 255)
            {
                tag = int.Parse(script.Ask("tag s 1 255"), System.Globalization.CultureInfo.InvariantCulture) & 7;
            }
            else
            {
                script.Do($"send s 1 {each.Peer} 1 {Owner} 07");
                string sent = script.Ask("drain keys").Split(',')[^1];
                tag = Convert.FromHexString(sent)[3] & 7;
            }

            byte flags = (byte)(0xC0 | (each.IsOwner ? Owner : 0) | ((tag + each.TagOffset) & 7));
            script.Do($"inject keys {Convert.ToHexStringLower([1, each.Destination, each.Source, flags, 1, 0x66])}");
            bool delivered = script.Ask("receive s") != "-";
            script.Do("close s");
            if (delivered != each.IsDelivered) wrong.Add($"{each}: delivered {delivered}");
        }

        Assert.Empty(wrong);
    }

    /// <summary>A running <c>busbar guest-sockets</c>.</summary>
    private sealed class Script : IDisposable
    {
        private const int MostMessages = 100;

        private readonly GuestProcess _process;

        public Script(GuestMachine guest) => _process = guest.StartProcess("exec busbar guest-sockets");

        public string Ask(string line)
        {
            _process.WriteLine(line, s_limit);
            return _process.ReadLine(s_limit) ?? throw new InvalidOperationException($"the script ended at '{line}': {_process.OutputSoFar()}");
        }

        public void Do(string line)
        {
            string answer = Ask(line);
            if (answer != "None") throw new InvalidOperationException($"'{line}': {answer}");
        }

        public string Bind(SocketBind bind, string name)
        {
            Do($"open {name}");
            if (bind.Peer != 0)
            {
                string connected = Ask($"connect {name} {bind.Network} {bind.Peer} {bind.Type}");
                if (connected != "None") return connected;
            }

            return Ask($"bind {name} {bind.Network} {bind.Eid} {bind.Type}");
        }

        public List<string> Received(string name)
        {
            var messages = new List<string>();
            while (messages.Count < MostMessages && Ask($"receive {name}") is var message && message != "-") messages.Add(message);
            return messages;
        }

        public void Dispose()
        {
            if (_process.HasExited) return;
            _process.CloseInput();
            _process.WaitForExit(s_limit);
        }
    }
}
