using System.Collections.Immutable;
using Looper.Core.Blueprints;

namespace Looper.Core.Decisions.Snippets;

/// <summary>A block of code as shown, to be pasted. The blocks of one language read top to bottom as one program.</summary>
public sealed record Snippet(string Title, string Code);

/// <summary>The calls of one decision point in one language, with nothing but its standard library, or through the client library for it. The key is always read from
/// <c>LOOPER_API_KEY</c>, never written out.</summary>
public sealed record SnippetSet(string Language, string Title, ImmutableArray<Snippet> Blocks)
{
    public static ImmutableArray<string> Languages { get; } = ["curl", "csharp", "javascript", "python", "csharp-client", "javascript-client"];

    /// <param name="address">Where the app reaches Looper, without a slash at the end.</param>
    /// <returns>Null for a language that is not among <see cref="Languages"/>.</returns>
    public static SnippetSet? For(string language, string address, string key, BlueprintContent content)
    {
        var call = new SnippetCall(address.TrimEnd('/'), key, content);
        return language switch
        {
            "curl" => new(language, "curl", CurlSnippets.Blocks(call)),
            "csharp" => new(language, "C#", CSharpSnippets.Blocks(call)),
            "javascript" => new(language, "JavaScript", JavaScriptSnippets.Blocks(call)),
            "python" => new(language, "Python", PythonSnippets.Blocks(call)),
            "csharp-client" => new(language, "C# client", CSharpClientSnippets.Blocks(call)),
            "javascript-client" => new(language, "JavaScript client", JavaScriptClientSnippets.Blocks(call)),
            _ => null,
        };
    }
}
