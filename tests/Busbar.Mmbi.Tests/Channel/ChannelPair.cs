// SPDX-License-Identifier: Apache-2.0
using Busbar.Memory;
using Xunit;

namespace Busbar.Mmbi.Tests;

/// <summary>Both ends of one instance on one window, stepped by hand with a clock of its own.</summary>
internal sealed class ChannelPair : IDisposable
{
    private readonly MmbiChannelOptions _ownerOptions;
    private readonly MmbiChannelOptions _discovererOptions;
    private int _serial;

    public ChannelPair(
        MmbiDialect? dialect = null,
        int length = 8192,
        RegionAccess access = RegionAccess.Ram,
        MmbiTimings? timings = null,
        IMmbiDoorbell? ownerDoorbell = null,
        IMmbiDoorbell? discovererDoorbell = null,
        int instance = 0,
        int instances = 1,
        bool configured = false,
        bool neverResets = false)
    {
        dialect ??= MmbiDialect.V11;
        Window = SharedRegion.Allocate(length, access);
        var common = new MmbiChannelOptions { Timings = timings ?? MmbiTimings.Default, Instance = instance, Instances = instances };
        _ownerOptions = common with { Role = MmbiRole.Owner, Dialect = dialect, Doorbell = ownerDoorbell ?? NoDoorbell.Instance, NeverResets = neverResets };
        _discovererOptions = common with { Dialect = configured ? dialect : null, Doorbell = discovererDoorbell ?? NoDoorbell.Instance };
        Owner = new ChannelEnd(Window, _ownerOptions);
        Discoverer = new ChannelEnd(Window, _discovererOptions);
    }

    public static TheoryData<string> Dialects { get; } = [.. MmbiDialect.All.Select(dialect => dialect.Name)];

    public static TheoryData<string, MmbiRole> DialectsAndRoles { get; } = Combine();

    public SharedRegion Window { get; }

    public ChannelEnd Owner { get; private set; }

    public ChannelEnd Discoverer { get; private set; }

    public long Now { get; private set; } = 1000;

    public bool IsUp => Owner.IsUp && Discoverer.IsUp;

    public static MmbiDialect Dialect(string name) => MmbiDialect.All.First(dialect => dialect.Name == name);

    public ChannelEnd End(MmbiRole role) => role == MmbiRole.Owner ? Owner : Discoverer;

    public ChannelEnd Other(MmbiRole role) => role == MmbiRole.Owner ? Discoverer : Owner;

    /// <summary>Throws an end away, as if its process were killed, and starts another.</summary>
    public ChannelEnd Restart(MmbiRole role, SharedRegion? view = null)
    {
        if (role == MmbiRole.Owner) return Owner = new ChannelEnd(view ?? Window, _ownerOptions);
        return Discoverer = new ChannelEnd(view ?? Window, _discovererOptions);
    }

    /// <summary>Lets time pass; both ends poll once in each millisecond.</summary>
    public void Run(int milliseconds)
    {
        for (int i = 0; i < milliseconds; i++)
        {
            Now++;
            Owner.Poll(Now);
            Discoverer.Poll(Now);
        }
    }

    /// <summary>Lets time pass until something is true; fails when it does not become true in time.</summary>
    public void RunUntil(Func<bool> condition, int milliseconds = 5000, string what = "the condition")
    {
        bool isTrue = condition();
        for (int i = 0; i < milliseconds && !isTrue; i++)
        {
            Run(1);
            isTrue = condition();
        }

        Assert.True(isTrue, $"{what} did not come true; owner {Describe(Owner)}, discoverer {Describe(Discoverer)}");
    }

    public ChannelPair Up()
    {
        RunUntil(() => IsUp, what: "the link");
        return this;
    }

    /// <summary>Sends a few packets each way and checks that exactly they arrive.</summary>
    public void AssertTraffic(int packets = 20)
    {
        RunUntil(() => IsUp, what: "the link");
        Run(3);
        foreach (MmbiRole role in Enum.GetValues<MmbiRole>())
        {
            Other(role).Received.Clear();
            var sent = new List<byte[]>();
            for (int i = 0; i < packets; i++)
            {
                byte[] payload = ChannelEnd.Payload(_serial++, 5 + (i * 37 % 300));
                RunUntil(() => End(role).Send(payload), 200, "room");
                sent.Add(payload);
            }

            RunUntil(() => Other(role).Received.Count >= packets, 500, "arrival");
            Assert.Equal(sent, Other(role).Received);
        }
    }

    public void Dispose() => Window.Dispose();

    private static string Describe(ChannelEnd end) => $"{end.Channel.Phase} in {end.Channel.State}, up {end.IsUp}";

    private static TheoryData<string, MmbiRole> Combine()
    {
        var data = new TheoryData<string, MmbiRole>();
        foreach (MmbiDialect dialect in MmbiDialect.All)
        {
            data.Add(dialect.Name, MmbiRole.Owner);
            data.Add(dialect.Name, MmbiRole.Discoverer);
        }

        return data;
    }
}
