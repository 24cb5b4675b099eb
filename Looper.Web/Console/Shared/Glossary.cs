using System.Collections.Frozen;
using System.Reflection;

namespace Looper.Web.Console.Shared;

/// <summary>One sentence per term, from <c>Glossary.txt</c>.</summary>
public static class Glossary
{
    public static FrozenDictionary<string, string> Terms { get; } = Read();

    /// <exception cref="KeyNotFoundException">No such term: write its sentence first.</exception>
    public static string Of(string term) => Terms[term];

    private static FrozenDictionary<string, string> Read()
    {
        using var lines = new StreamReader(Assembly.GetExecutingAssembly().GetManifestResourceStream("Looper.Web.Console.Shared.Glossary.txt")!);
        var terms = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        while (lines.ReadLine() is { } line)
        {
            if (line.Split(": ", 2) is [var term, var sentence]) terms.Add(term, sentence);
        }

        return terms.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);
    }
}
