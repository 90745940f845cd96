// SPDX-License-Identifier: Apache-2.0
namespace Busbar.ControlPlane;

/// <summary>Takes a control request.</summary>
/// <param name="request">Where it came from and how it can be answered.</param>
/// <param name="body">From the byte behind the type byte on; valid during the call only.</param>
public delegate void ControlRequestHandler(in ControlRequest request, ReadOnlySpan<byte> body);
