using System.Collections.Frozen;
using System.Reflection;
using System.Text.RegularExpressions;

namespace Looper.Web.Console.Shared;

/// <summary>One sentence per term, from <c>Glossary.txt</c>. A line is the term, then the words by which a text speaks of it, then the sentence: words after a
/// bar are marked where they stand, words after a tilde only known.</summary>
public static class Glossary
{
    private static readonly (FrozenDictionary<string, string> Sentences, FrozenDictionary<string, string> Words, string[] Marked) All = Read();
    private static readonly Regex Search = Pattern(All.Marked);

    public static FrozenDictionary<string, string> Terms => All.Sentences;

    /// <summary>The term behind each word.</summary>
    public static FrozenDictionary<string, string> Words => All.Words;

    /// <exception cref="KeyNotFoundException">No such term: write its sentence first.</exception>
    public static string Of(string term) => Terms[term];

    /// <summary>A text in pieces; a piece that speaks of a term for the first time in it has the term's name.</summary>
    public static IEnumerable<(string Text, string? Term)> Split(string text)
    {
        var seen = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        var from = 0;
        foreach (Match match in Search.Matches(text))
        {
            if (!seen.Add(Words[match.Value])) continue;
            if (match.Index > from) yield return (text[from..match.Index], null);
            yield return (match.Value, Words[match.Value]);
            from = match.Index + match.Length;
        }

        if (from < text.Length) yield return (text[from..], null);
    }

    /// <summary>Finds words where they stand by themselves, the longest first. A single letter counts only before a number.</summary>
    public static Regex Pattern(IEnumerable<string> words) => new(
        string.Join('|', words.OrderByDescending(w => w.Length).Select(w => w.Length == 1 ? $@"(?-i:(?<![\w’'-]){w}(?= [0-9<>]))" : $@"(?<![\w’'-]){Regex.Escape(w)}(?![\w’'-])")),
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant);

    private static (FrozenDictionary<string, string>, FrozenDictionary<string, string>, string[]) Read()
    {
        using var lines = new StreamReader(Assembly.GetExecutingAssembly().GetManifestResourceStream("Looper.Web.Console.Shared.Glossary.txt")!);
        var terms = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        var words = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        var marked = new List<string>();
        while (lines.ReadLine() is { } line)
        {
            if (line.Split(": ", 2) is not [var names, var sentence]) continue;
            var term = names.Split('|', '~')[0];
            terms.Add(term, sentence);
            foreach (Match word in Regex.Matches(names[term.Length..], "([|~])([^|~]+)"))
            {
                words.Add(word.Groups[2].Value, term);
                if (word.Groups[1].Value == "|") marked.Add(word.Groups[2].Value);
            }
        }

        return (terms.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase), words.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase), [.. marked]);
    }
}
