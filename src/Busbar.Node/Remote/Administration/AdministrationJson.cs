// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Serialization;

namespace Busbar.Node;

/// <summary>The documents of the administration lane, with code made at build time.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Skip,
    MaxDepth = 16,
    UseStringEnumConverter = true)]
[JsonSerializable(typeof(AdministrationRequest))]
[JsonSerializable(typeof(AdministrationAnswer))]
internal sealed partial class AdministrationJson : JsonSerializerContext;
