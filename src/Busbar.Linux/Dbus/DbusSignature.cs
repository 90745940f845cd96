// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Linux;

/// <summary>D-Bus signatures as text.</summary>
internal static class DbusSignature
{
    /// <summary>Takes a signature apart into its complete types. It must be a valid one, as those of our own interfaces are.</summary>
    public static IEnumerable<string> Split(string signature)
    {
        int at = 0;
        while (at < signature.Length)
        {
            int end = EndOf(signature, at);
            yield return signature[at..end];
            at = end;
        }
    }

    private static int EndOf(string signature, int at)
    {
        while (at < signature.Length && signature[at] == 'a') at++;
        int depth = 0;
        do
        {
            if (at == signature.Length) throw new ArgumentException($"'{signature}' is no signature.", nameof(signature));
            if (signature[at] is '(' or '{') depth++;
            if (signature[at] is ')' or '}') depth--;
            at++;
        }
        while (depth > 0);
        return at;
    }
}
