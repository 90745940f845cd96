// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;
namespace Busbar.Endpoints;
internal static class EndpointControl { public static ControlResponder Create(EndpointOptions options) => new(options.Uuid); }
