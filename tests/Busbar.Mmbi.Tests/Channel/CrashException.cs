// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mmbi.Tests;

/// <summary>Stands for the death of the process that was about to write.</summary>
internal sealed class CrashException : Exception;
