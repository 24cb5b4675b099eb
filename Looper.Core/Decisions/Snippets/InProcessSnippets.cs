using System.Collections.Immutable;
using Looper.Core.Blueprints;

namespace Looper.Core.Decisions.Snippets;

/// <summary>The calls through the library of <c>clients/dotnet/Looper.InProcess</c>, which decides in the app's own process.</summary>
public static class InProcessSnippets
{
    /// <param name="address">Where the app reaches Looper.</param>
    public static ImmutableArray<Snippet> Of(string address, string key, BlueprintContent content)
    {
        var call = new SnippetCall(address.TrimEnd('/'), key, content);
        var (decide, report) = (CSharpClientSnippets.Decide(call), CSharpClientSnippets.Report(call));
        return
        [
            new("Make one for the whole process", $$"""
                using System.Text.Json.Nodes;
                using Looper.Client;
                using Looper.InProcess;

                // The key is read from LOOPER_API_KEY.
                await using var looper = new InProcessLooper(new()
                {
                    Client = new() { Url = "{{call.Address}}", Budget = TimeSpan.FromMilliseconds(250) },
                    DecisionPoints = [{{SnippetCall.Json(key)}}],
                });
                await looper.ReadyAsync(TimeSpan.FromSeconds(2));
                """),
            new("Decide: here, without asking Looper", decide.Code),
            report,
        ];
    }
}
