// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using Busbar.Daemon;

namespace Busbar.Daemon.Tests;

/// <summary>What TOML 1.0 says, case by case.</summary>
public sealed class TomlTests
{
    public static TheoryData<string, string> Documents => new()
    {
        { "", "{}" },
        { "a = 1", "{a:1}" },
        { "\uFEFFa = 1 # with a byte order mark", "{a:1}" },
        { "a = 1\r\nb = 2\r\n", "{a:1,b:2}" },
        { "\"quoted key\" = 1\n'lite ral' = 2\n1234 = 3\n-_ = 4", "{quoted key:1,lite ral:2,1234:3,-_:4}" },
        { "a.b.c = 1\na.b.d = 2\na.\"x.y\" = 3", "{a:{b:{c:1,d:2},x.y:3}}" },
        { "a . b = 1", "{a:{b:1}}" },
        { "[t]\na = 1\n[t.u]\nb = 2", "{t:{a:1,u:{b:2}}}" },
        { "[t.u]\nb = 2\n[t]\na = 1", "{t:{u:{b:2},a:1}}" },
        { "[ t . 'u' ] # comment\nb = 2", "{t:{u:{b:2}}}" },
        { "[[p]]\nn = 1\n[[p]]\n[[p]]\nn = 3", "{p:[{n:1},{},{n:3}]}" },
        { "[[p]]\nn = 1\n[p.q]\nx = 1\n[[p.r]]\ny = 1\n[[p]]\n[p.q]\nx = 2", "{p:[{n:1,q:{x:1},r:[{y:1}]},{q:{x:2}}]}" },
        { "[fruit]\napple.color = 1\n[fruit.apple.texture]\nsmooth = true", "{fruit:{apple:{color:1,texture:{smooth:true}}}}" },
        { "a = { b = 1, c = { d = 'x' }, e.f = 2 }", "{a:{b:1,c:{d:\"x\"},e:{f:2}}}" },
        { "a = {}", "{a:{}}" },
        { "a = [ 1, 'x', [ true, ], # comment\n  { b = 1 },\n]", "{a:[1,\"x\",[true],{b:1}]}" },
        { "a = []", "{a:[]}" },
        { "a = +99\nb = -17\nc = 0\nd = +0\ne = 1_000\nf = 0xDEAD_beef\ng = 0o755\nh = 0b1101", "{a:99,b:-17,c:0,d:0,e:1000,f:3735928559,g:493,h:13}" },
        { "a = 9223372036854775807\nb = -9223372036854775808\nc = 0x7fffffffffffffff", "{a:9223372036854775807,b:-9223372036854775808,c:9223372036854775807}" },
        { "a = 1.5\nb = -0.01\nc = 5e+22\nd = 1e06\ne = 6.5e-1\nf = 1_0.2_5\ng = inf\nh = -inf\ni = nan", "{a:1.5,b:-0.01,c:5E+22,d:1000000,e:0.65,f:10.25,g:Infinity,h:-Infinity,i:NaN}" },
        { "a = true\nb = false", "{a:true,b:false}" },
        { "a = \"tab\\t \\\"q\\\" \\\\ \\u00e9 \\U0001F600\"", "{a:\"tab\t \"q\" \\ é 😀\"}" },
        { "a = 'C:\\no\\escape'", "{a:\"C:\\no\\escape\"}" },
        { "a = \"\"\"\none\ntwo\"\"\"", "{a:\"one\ntwo\"}" },
        { "a = \"\"\"\r\none\r\ntwo\"\"\"", "{a:\"one\ntwo\"}" },
        { "a = \"\"\"one \\\n\n   two \\   \n  three\"\"\"", "{a:\"one two three\"}" },
        { "a = \"\"\"a \"quoted\" \"\"word\"\"\"\"\"", "{a:\"a \"quoted\" \"\"word\"\"\"}" },
        { "a = '''\nno \\ escape 'here'''''", "{a:\"no \\ escape 'here''\"}" },
        { "a = ''\nb = \"\"\nc = \"\"\"\"\"\"", "{a:\"\",b:\"\",c:\"\"}" },
        { "a=1#x\n  \t # only a comment\n", "{a:1}" },
    };

    public static TheoryData<string, int, int, string> Mistakes => new()
    {
        { "a", 1, 2, "'=' is missing" },
        { "a =", 1, 4, "a value is missing before the end of the file" },
        { "= 1", 1, 1, "a name is missing" },
        { "a = 1 b = 2", 1, 7, "behind the end of the value" },
        { "a = 1\na = 2", 2, 1, "stands in line 1 already" },
        { "[a]\n[a]", 2, 2, "defined already in line 1" },
        { "a.b = 1\na = 2", 2, 1, "given twice" },
        { "a = 1\na.b = 2", 2, 1, "complete already" },
        { "[a]\nb.c = 1\n[a.b]", 3, 4, "defined already" },
        { "[a.b.c]\n[a]\nb.d = 1", 3, 1, "complete already" },
        { "a = {b = 1}\na.c = 1", 2, 1, "complete already" },
        { "a = {b = 1}\n[a.c]", 2, 2, "cannot hold tables" },
        { "a = {b.c = 1}\n[a.b.d]", 2, 2, "cannot hold tables" },
        { "a = [1]\n[[a]]", 2, 3, "not an array of tables" },
        { "[[a]]\n[a]", 2, 2, "write [[a]]" },
        { "[a]\n[[a]]", 2, 3, "not an array of tables" },
        { "[a", 1, 3, "not closed" },
        { "[[a]", 1, 5, "not closed" },
        { "[]", 1, 2, "a name is missing" },
        { "a = [1, 2", 1, 5, "the array is not closed" },
        { "a = [1 2]", 1, 8, "',' or ']' is missing" },
        { "a = {b = 1, }", 1, 13, "a name is missing" },
        { "a = {b = 1\n}", 1, 11, "a table in braces stands in one line" },
        { "a = \"x", 1, 5, "not closed in its line" },
        { "a = \"\"\"x", 1, 5, "not closed" },
        { "a = \"\\q\"", 1, 6, "the escape" },
        { "a = \"\\ud800\"", 1, 6, "names no character" },
        { "a = \"\\u12\"", 1, 6, "needs 4 hexadecimal digits" },
        { "a = 01", 1, 5, "is no number" },
        { "a = 1__0", 1, 5, "is no number" },
        { "a = _1", 1, 5, "is no number" },
        { "a = 1.", 1, 5, "is no number" },
        { "a = .5", 1, 5, "is no number" },
        { "a = 0x", 1, 5, "is no number" },
        { "a = +0x1", 1, 5, "is no number" },
        { "a = 9223372036854775808", 1, 5, "does not fit into 64 bits" },
        { "a = True", 1, 5, "strings stand in quotes" },
        { "a = hello", 1, 5, "strings stand in quotes" },
        { "a = 2026-05-27", 1, 5, "is a date or time" },
        { "a = 07:32:00", 1, 5, "is a date or time" },
        { "a = 'x\u0001'", 1, 7, "control character 0x01" },
        { "# x\u0000", 1, 4, "control character 0x00" },
        { "a = 1\rb = 2", 1, 6, "carriage return" },
        { "ü = 1", 1, 1, "others stand in quotes" },
        { "a = '😀' x", 1, 9, "behind the end of the value" },
        { "\"\"\"a\"\"\" = 1", 1, 3, "'=' is missing" },
    };

    [Theory]
    [MemberData(nameof(Documents))]
    public void Parse_Document_MeansWhatTheStandardSays(string text, string meaning) => Assert.Equal(meaning, Show(TomlParser.Parse(text)));

    [Theory]
    [MemberData(nameof(Mistakes))]
    public void Parse_Mistake_NamesPlaceAndRemedy(string text, int line, int column, string part)
    {
        TomlException refusal = Assert.Throws<TomlException>(() => TomlParser.Parse(text));

        Assert.Contains(part, refusal.Message, StringComparison.Ordinal);
        Assert.Equal(new TomlPosition(line, column), refusal.Position);
    }

    [Theory]
    [InlineData("[")]
    [InlineData("{a=")]
    public void Parse_NestedTooDeep_IsRefusedWithoutHarm(string opening)
    {
        string text = "a = " + string.Concat(Enumerable.Repeat(opening, 100_000));

        TomlException refusal = Assert.Throws<TomlException>(() => TomlParser.Parse(text));

        Assert.Contains("nested", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Parse_TooManyDots_IsRefused() =>
        Assert.Throws<TomlException>(() => TomlParser.Parse(string.Join('.', Enumerable.Repeat("a", 100_000)) + " = 1"));

    internal static string Show(TomlValue value) => value switch
    {
        TomlString text => $"\"{text.Value}\"",
        TomlInteger number => number.Value.ToString(CultureInfo.InvariantCulture),
        TomlFloat number => number.Value.ToString("R", CultureInfo.InvariantCulture),
        TomlBoolean boolean => boolean.Value ? "true" : "false",
        TomlArray array => $"[{string.Join(',', array.Items.Select(Show))}]",
        TomlTable table => $"{{{string.Join(',', table.Keys.Select(key => $"{key}:{Show(Get(table, key))}"))}}}",
        _ => throw new ArgumentException(value.Kind, nameof(value)),
    };

    private static TomlValue Get(TomlTable table, string key) => table.TryGet(key, out TomlValue? value) ? value : throw new KeyNotFoundException(key);
}
