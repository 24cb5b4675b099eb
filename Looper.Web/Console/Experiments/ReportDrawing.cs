using System.Globalization;
using System.Text;
using System.Xml;
using Looper.Web.Console.Shared;

namespace Looper.Web.Console.Experiments;

/// <summary>A piece of a row.</summary>
/// <param name="X">Where it begins, or ends.</param>
internal sealed record Piece(double X, string Text)
{
    public bool AtEnd { get; init; }
    public double Width { get; init; } = 400;
    public string? Below { get; init; }
    public string? Tone { get; init; }

    /// <summary>Drawn instead of a text, around this height.</summary>
    public Action<double>? Draw { get; init; }
}

/// <summary>Lays lines, boxes and rows below each other as SVG. Text is wrapped by the width of a typical letter, because no font is at hand.</summary>
internal sealed class ReportDrawing
{
    public const double Width = 1_280;

    private const double Letter = 0.54, Leading = 1.4;
    private const string Ink = "#16181D", Soft = "#5F6368", Line = "#D5D9E0";

    private readonly StringBuilder _body = new();
    private double _y = 36;

    /// <summary>The colour of a tone on white.</summary>
    public static string ColourOf(Tone tone) => tone switch { Shared.Tone.Good => "#0F7B3E", Shared.Tone.Bad => "#B3261E", Shared.Tone.Warn => "#8A5A00", Shared.Tone.Info => "#1E5AA8", _ => Soft };

    public void Space(double height) => _y += height;

    public void Text(double x, string text, double size, bool bold = false, string tone = Ink, double width = Width)
    {
        foreach (var line in Wrapped(text, size, width))
        {
            _y += size * Leading;
            Write(x, _y - 0.4 * size, line, size, bold, tone, atEnd: false);
        }
    }

    /// <summary>What <paramref name="inside"/> lays down, in a frame with a mark of colour at its left.</summary>
    public void Box(double x, double width, string tone, Action<ReportDrawing> inside)
    {
        var (from, at) = (_y, _body.Length);
        _y += 10;
        inside(this);
        _y += 12;
        _body.Insert(at, Invariant($"<rect x=\"{x}\" y=\"{from}\" width=\"{width}\" height=\"{_y - from}\" rx=\"8\" fill=\"#F5F6F8\" stroke=\"{Line}\"/><rect x=\"{x}\" y=\"{from}\" width=\"6\" height=\"{_y - from}\" rx=\"3\" fill=\"{tone}\"/>"));
    }

    public void Row(params Piece[] pieces)
    {
        const double size = 13, small = 11;
        var isHead = pieces.All(p => p.Below is null && p.Draw is null && p.Tone is null);
        var height = isHead ? 26 : Math.Max(40, pieces.Max(p => size * Leading * Wrapped(p.Text, size, p.Width).Count + (p.Below is null ? 0 : small * Leading * Wrapped(p.Below, small, p.Width).Count)) + 14);
        foreach (var piece in pieces)
        {
            var y = _y + 20;
            piece.Draw?.Invoke(_y + height / 2);
            foreach (var line in Wrapped(piece.Text, size, piece.Width))
            {
                Write(piece.X, y, line, isHead ? 12 : size, !isHead && piece == pieces[0], isHead ? Soft : piece.Tone ?? Ink, piece.AtEnd);
                y += size * Leading;
            }

            foreach (var line in piece.Below is null ? [] : Wrapped(piece.Below, small, piece.Width))
            {
                Write(piece.X, y - 2, line, small, false, Soft, piece.AtEnd);
                y += small * Leading;
            }
        }

        _y += height;
        _body.Append(Invariant($"<line x1=\"40\" x2=\"{Width - 40}\" y1=\"{_y}\" y2=\"{_y}\" stroke=\"{Line}\"/>"));
    }

    /// <summary>An interval on a scale with zero; the shape of the estimate says which side it is on.</summary>
    public void Interval(double x, double width, double y, (double Low, double High) span, double value, double low, double high, double margin, Tone tone)
    {
        double At(double at) => x + 6 + (width - 12) * (Math.Clamp(at, span.Low, span.High) - span.Low) / (span.High - span.Low);
        var colour = ColourOf(tone);
        _body.Append(Invariant($"<line x1=\"{At(0):0.#}\" x2=\"{At(0):0.#}\" y1=\"{y - 14}\" y2=\"{y + 14}\" stroke=\"#8A9099\" stroke-dasharray=\"2 2\"/>"));
        if (margin >= span.Low && margin <= span.High)
            _body.Append(Invariant($"<line x1=\"{At(margin):0.#}\" x2=\"{At(margin):0.#}\" y1=\"{y - 14}\" y2=\"{y + 14}\" stroke=\"#B3261E\" stroke-width=\"2\" stroke-dasharray=\"5 3\"/>"));
        _body.Append(Invariant($"<path d=\"M{At(low):0.#} {y}H{At(high):0.#}M{At(low):0.#} {y - 5}v10M{At(high):0.#} {y - 5}v10\" stroke=\"{colour}\" stroke-width=\"2\" fill=\"none\"/>"));
        var shape = tone switch { Tone.Good => "m0 -6l6 11h-12z", Tone.Bad => "m0 6l6 -11h-12z", _ => "m0 -6l6 6l-6 6l-6 -6z" };
        _body.Append(Invariant($"<path d=\"M{At(value):0.#} {y}{shape}\" fill=\"{colour}\"/>"));
    }

    public string Finish(string title)
    {
        var height = Math.Ceiling(_y + 36);
        return Invariant($"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{Width}\" height=\"{height}\" viewBox=\"0 0 {Width} {height}\" font-family=\"system-ui, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif\"><title>{Escaped(title)}</title><rect width=\"100%\" height=\"100%\" fill=\"#FFFFFF\"/>") + _body + "</svg>";
    }

    private void Write(double x, double y, string text, double size, bool bold, string tone, bool atEnd) =>
        _body.Append(Invariant($"<text x=\"{x}\" y=\"{y:0.#}\" font-size=\"{size}\" fill=\"{tone}\"{(bold ? " font-weight=\"600\"" : "")}{(atEnd ? " text-anchor=\"end\"" : "")}>{Escaped(text)}</text>"));

    private static List<string> Wrapped(string text, double size, double width)
    {
        var most = Math.Max(8, (int)(width / (size * Letter)));
        List<string> lines = [];
        var line = new StringBuilder();
        foreach (var word in text.Split(' ').SelectMany(w => w.Chunk(most).Select(c => new string(c))))
        {
            if (line.Length > 0 && line.Length + 1 + word.Length > most)
            {
                lines.Add(line.ToString());
                line.Clear();
            }

            line.Append(line.Length > 0 ? " " : "").Append(word);
        }

        lines.Add(line.ToString());
        return lines;
    }

    // Names are text: marks become entities, and what XML has no place for is left out.
    private static string Escaped(string text)
    {
        var clean = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1])) clean.Append(text[i]).Append(text[++i]);
            else if (XmlConvert.IsXmlChar(text[i])) clean.Append(text[i] switch { '<' => "&lt;", '>' => "&gt;", '&' => "&amp;", '"' => "&quot;", var c => c.ToString() });
        }

        return clean.ToString();
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
