// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;
namespace Busbar.Endpoints;
/// <summary>TEMPORARY</summary>
public sealed class ControlResponder(Guid uuid) : IMctpService
{
    /// <summary>x</summary>
    public event Action<MctpLink, Eid, long>? EidAssigned;
    /// <inheritdoc/>
    public void Handle(MctpStack stack, in MctpMessage message, long now)
    {
        MctpMessage m = message; byte iid = (byte)(m.Body[0] & 0x1f);
        switch (m.Body[1])
        {
            case 1: stack.SetAddress(m.Link, new Eid(m.Body[3])); EidAssigned?.Invoke(m.Link, new Eid(m.Body[3]), now); m.Reply([iid, 1, 0, 0, m.Body[3], 0]); break;
            case 2: m.Reply([iid, 2, 0, stack.SourceAddress(m.Link).Value, 0, 0]); break;
            case 3: m.Reply([iid, 3, 0, .. uuid.ToByteArray(true)]); break;
            case 5: m.Reply([iid, 5, 0, 2, 0, 0x7e]); break;
            default: m.Reply([iid, m.Body[1], 5]); break;
        }
    }
}
