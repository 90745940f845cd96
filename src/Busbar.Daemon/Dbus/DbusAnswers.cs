// SPDX-License-Identifier: Apache-2.0
using Busbar.ControlPlane;
using Busbar.Linux;
using Busbar.Mctp;

namespace Busbar.Daemon;

/// <summary>What the control plane's answers are in D-Bus.</summary>
internal static class DbusAnswers
{
    /// <summary>Lets the control plane work and turns its refusals, at once or later, into D-Bus errors.</summary>
    public static async Task<T> OfAsync<T>(Func<Task<T>> work)
    {
        try
        {
            return await work();
        }
        catch (ControlPlaneException refused)
        {
            throw Translate(refused);
        }
        catch (HostException refused)
        {
            throw new DbusException(DbusErrorName.Failed, refused.Message, refused);
        }
        catch (OperationCanceledException cancelled)
        {
            throw new DbusException(DbusErrorName.Failed, "Request failed", cancelled);
        }
    }

    /// <summary>As the other one, for work without a result.</summary>
    public static Task OfAsync(Func<Task> work) => OfAsync(async () =>
    {
        await work();
        return true;
    });

    /// <summary>The D-Bus error of a refusal; its name is what mctpd gives with the same text.</summary>
    public static DbusException Translate(ControlPlaneException refused)
    {
        string name = refused.Error switch
        {
            ControlPlaneError.InvalidArgument or ControlPlaneError.UnknownLink or ControlPlaneError.AddressInUse => DbusErrorName.InvalidArguments,
            ControlPlaneError.EidClaimed => DbusErrorName.FileExists,
            _ => DbusErrorName.Failed,
        };
        return new DbusException(name, refused.Message, refused);
    }

    /// <summary>Reads a physical address.</summary>
    public static PhysicalAddress ReadAddress(DbusReader reader) => new(reader.ReadBytes(PhysicalAddress.MaximumLength, "Bad physaddr"));

    public static void WriteAddress(DbusWriter writer, PhysicalAddress address)
    {
        Span<byte> bytes = stackalloc byte[PhysicalAddress.MaximumLength];
        writer.WriteBytes(bytes[..address.CopyTo(bytes)]);
    }

    /// <summary>The replies of the methods that find or assign an endpoint: yisb, and yyisb with the pool's start behind the EID.</summary>
    public static void WriteOutcome(DbusWriter writer, SetupOutcome outcome, bool withPool = false)
    {
        bool found = outcome.Eid != Eid.Null;
        writer.WriteByte(outcome.Eid.Value);
        if (withPool) writer.WriteByte(outcome.Pool?.First.Value ?? 0);
        writer.WriteInt32((int)outcome.Network);
        writer.WriteString(found ? MctpPaths.Endpoint(outcome.Network, outcome.Eid) : "");
        writer.WriteBoolean(outcome.IsNew);
    }

    /// <summary>Writes counters: a{st}.</summary>
    public static void WriteCounters(DbusWriter writer, ReadOnlySpan<(string Name, long Value)> counters)
    {
        writer.OpenArray("{st}");
        foreach ((string name, long value) in counters)
        {
            writer.OpenEntry("st");
            writer.WriteString(name);
            writer.WriteUInt64((ulong)value);
            writer.Close();
        }

        writer.Close();
    }
}
