// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Node;

internal static class DevelopmentAttachment
{
    public static LinkAttachment Open(DevelopmentLinkSpec spec, string name) => throw new MctpException(MctpError.BadConfiguration, $"link '{spec.Text}': {name} is not there yet");
}
