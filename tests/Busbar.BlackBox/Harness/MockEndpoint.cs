// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;

namespace Busbar.BlackBox;

/// <summary>
/// An endpoint behind a mock interface. It answers as a simple endpoint or a bridge; each answer can be replaced. Used in the harness's loop only.
/// </summary>
internal sealed class MockEndpoint
{
    private const byte Accepted = 0;
    private const byte InvalidData = 2;
    private const byte Unsupported = 5;

    private readonly Dictionary<byte, Func<MockCall, byte[]?>> _overrides = [];

    public MockEndpoint(MockInterface link, byte[] address, byte eid = 0)
    {
        Interface = link;
        Address = address;
        Eid = eid;
    }

    public MockInterface Interface { get; }

    public byte[] Address { get; }

    public byte Eid { get; set; }

    public byte[]? Uuid { get; set; }

    public List<byte> Types { get; } = [0, 1];

    /// <summary>Vendor sets: format, vendor, command set.</summary>
    public List<(byte Format, uint Vendor, ushort Set)> VendorSets { get; } = [];

    /// <summary>How many EIDs a bridge asks for; 0 for a simple endpoint.</summary>
    public byte WantedPool { get; set; }

    public byte PoolStart { get; set; }

    public byte PoolSize { get; set; }

    public List<MockEndpoint> Behind { get; } = [];

    /// <summary>Answers nothing at all, and forwards nothing.</summary>
    public bool IsGone { get; set; }

    /// <summary>All requests that arrived, answered or not.</summary>
    public List<byte[]> Requests { get; } = [];

    /// <summary>Sends a request to the program; set by the harness.</summary>
    public Func<MockEndpoint, byte[], Task<byte[]>> Sender { get; set; } = static (_, _) => throw new InvalidOperationException("the endpoint is on no network");

    /// <summary>Forgets everything, as after a loss of power.</summary>
    public void Reset()
    {
        Eid = 0;
        PoolStart = PoolSize = 0;
        foreach (MockEndpoint endpoint in Behind) endpoint.Eid = 0;
    }

    /// <summary>Answers a command in another way; null is silence.</summary>
    public void On(byte command, Func<MockCall, byte[]?> answer) => _overrides[command] = answer;

    public void OnDefault(byte command) => _overrides.Remove(command);

    public int Count(byte command) => Requests.Count(request => request[1] == command);

    /// <summary>Asks the program, by a request that starts with its flags byte, and waits for the answer.</summary>
    public Task<byte[]> AskAsync(params byte[] body) => Sender(this, body);

    public void Take(byte destination, byte[] body, Action<MockEndpoint, byte[]> reply)
    {
        if (IsGone) return;
        if (destination != 0 && destination != Eid)
        {
            Behind.Find(endpoint => endpoint.Eid == destination)?.Take(destination, body, reply);
            return;
        }

        Requests.Add(body);
        var call = new MockCall(body, () => Answer(body));
        byte[]? answer = _overrides.TryGetValue(call.Command, out Func<MockCall, byte[]?>? other) ? other(call) : call.Default();
        if (answer is not null) reply(this, answer);
    }

    private byte[] Answer(byte[] body)
    {
        byte[] head = [(byte)(body[0] & 0x1F), body[1]];
        switch (body[1])
        {
            case 0x01: return [.. head, .. SetEid(body)];
            case 0x02: return [.. head, Accepted, Eid, (byte)(WantedPool != 0 || Behind.Count != 0 ? 0x10 : 0), 0];
            case 0x03 when Uuid is not null: return [.. head, Accepted, .. Uuid];
            case 0x04: return [.. head, Accepted, 1, 0xF1, 0xF3, 0xF1, 0];
            case 0x05: return [.. head, Accepted, (byte)Types.Count, .. Types];
            case 0x06 when VendorSets.Count != 0: return [.. head, .. VendorSet(body.Length > 2 ? body[2] : 0)];
            case 0x08 when WantedPool != 0: return [.. head, .. Allocate(body)];
            default: return [.. head, Unsupported];
        }
    }

    private byte[] SetEid(byte[] body)
    {
        if (body.Length < 4) return [3];
        Eid = body[3];
        return [Accepted, (byte)(WantedPool != 0 ? 1 : 0), Eid, WantedPool];
    }

    private byte[] VendorSet(int selector)
    {
        if (selector >= VendorSets.Count) return [InvalidData];
        (byte format, uint vendor, ushort set) = VendorSets[selector];
        byte[] id = new byte[format == 0 ? 2 : 4];
        if (format == 0) BinaryPrimitives.WriteUInt16BigEndian(id, (ushort)vendor);
        else BinaryPrimitives.WriteUInt32BigEndian(id, vendor);
        byte next = (byte)(selector + 1 == VendorSets.Count ? 0xFF : selector + 1);
        return [Accepted, next, format, .. id, (byte)(set >> 8), (byte)set];
    }

    private byte[] Allocate(byte[] body)
    {
        if (body.Length < 5) return [3];
        (PoolSize, PoolStart) = (body[3], body[4]);
        for (int i = 0; i < Behind.Count && i < PoolSize; i++) Behind[i].Eid = (byte)(PoolStart + i);
        return [Accepted, 0, PoolSize, PoolStart];
    }
}
