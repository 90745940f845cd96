// SPDX-License-Identifier: Apache-2.0
using Spectre.Console;

namespace Busbar.Cli;

/// <summary>A table of results: drawn with lines on a terminal, aligned columns everywhere else.</summary>
internal sealed class ResultTable
{
    private readonly string[] _titles;
    private readonly bool _alignsRight;
    private readonly List<string[]> _rows = [];

    /// <param name="alignsRight">True for figures: every column but the first is aligned to the right.</param>
    /// <param name="titles">Column titles.</param>
    public ResultTable(bool alignsRight, params string[] titles)
    {
        _alignsRight = alignsRight;
        _titles = titles;
    }

    public void Add(params string[] cells) => _rows.Add(cells);

    public void Write()
    {
        if (Terminal.IsRich) WriteRich();
        else WritePlain();
    }

    // Kept apart so that the table library is loaded only where it is used.
    private void WriteRich()
    {
        if (NarrowestWidth() > AnsiConsole.Profile.Width)
        {
            WritePlain();
            return;
        }

        var table = new Table().Border(TableBorder.Rounded);
        for (int i = 0; i < _titles.Length; i++)
        {
            var column = new TableColumn(Markup.Escape(_titles[i]));

            // On a narrow terminal prose gives way; addresses and other names in one word stay whole, so that they can be copied.
            int at = i;
            if (!_titles[i].Contains(' ', StringComparison.Ordinal) && _rows.TrueForAll(row => !row[at].Contains(' ', StringComparison.Ordinal))) column.NoWrap();
            table.AddColumn(IsRight(i) ? column.RightAligned() : column);
        }

        foreach (string[] row in _rows) table.AddRow([.. row.Select(cell => new Markup(Markup.Escape(cell)))]);
        AnsiConsole.Write(table);
    }

    // Cells break between words only. Where that is not enough the frame would be saved at the price of numbers cut in two.
    private int NarrowestWidth()
    {
        const int FrameOfEach = 3;
        int width = 1;
        for (int i = 0; i < _titles.Length; i++) width += FrameOfEach + _rows.Select(row => row[i]).Prepend(_titles[i]).Max(text => text.Split(' ').Max(word => word.Length));
        return width;
    }

    private void WritePlain()
    {
        int[] widths = [.. _titles.Select((title, i) => Math.Max(title.Length, _rows.Count == 0 ? 0 : _rows.Max(row => row[i].Length)))];
        foreach (string[] row in _rows.Prepend(_titles))
        {
            IEnumerable<string> cells = row.Select((cell, i) => IsRight(i) ? cell.PadLeft(widths[i]) : cell.PadRight(widths[i]));
            Console.Out.WriteLine(string.Join("  ", cells).TrimEnd());
        }
    }

    private bool IsRight(int column) => _alignsRight && column > 0;
}
