// SPDX-License-Identifier: Apache-2.0
using Busbar.Bindings;

namespace Busbar.Node;

internal static class AstlpcAttachment
{
    public static LinkAttachment Open(AstlpcLinkSpec spec, AstlpcRole role, string name, TimeSpan patience) =>
        throw new MctpException(MctpError.BadConfiguration, $"link '{spec.Text}': {name} ({role}, {patience}) is not there yet");
}
