using System.Collections.Immutable;
using System.Text.Json.Nodes;

namespace Looper.Core.Decisions.Snippets;

internal static class CSharpSnippets
{
    public static ImmutableArray<Snippet> Blocks(SnippetCall call)
    {
        var type = call.Default.GetValueKind() switch
        {
            System.Text.Json.JsonValueKind.True or System.Text.Json.JsonValueKind.False => "bool",
            System.Text.Json.JsonValueKind.Number => "double",
            System.Text.Json.JsonValueKind.Object => "JsonNode",
            System.Text.Json.JsonValueKind.Array => "string[]",
            _ => "string",
        };
        var isObject = type == "JsonNode";
        var (start, read) = call.IsRanking
            ? ("new[] { \"a\", \"b\", \"c\" }", "answer[\"ranking\"]!.AsArray().Select(c => c![\"id\"]!.GetValue<string>()).ToArray()")
            : isObject ? ($"JsonNode.Parse(\"\"\"{SnippetCall.Json(call.Default)}\"\"\")!", "answer[\"decision\"]!") : (type == "double" ? Real(SnippetCall.Json(call.Default)) : SnippetCall.Json(call.Default), $"answer[\"decision\"]!.GetValue<{type}>()");
        return
        [
            new("Decide, with your default when Looper does not answer", $$"""
                using System.Net.Http.Json;
                using System.Text.Json.Nodes;

                var looper = new HttpClient { BaseAddress = new Uri("{{call.Address}}"), Timeout = TimeSpan.FromSeconds(1) };
                looper.DefaultRequestHeaders.Add("X-Api-Key", Environment.GetEnvironmentVariable("LOOPER_API_KEY"));

                var (decision, decisionId) = ({{start}}, (string?)null);
                try
                {
                    var asked = await looper.PostAsJsonAsync("/v1/decisions", {{Text(call.Decide())}});
                    var answer = (await asked.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonObject>())!;
                    (decision, decisionId) = ({{read}}, answer["decisionId"]!.GetValue<string>());
                }
                catch (Exception fault) when (fault is HttpRequestException or TaskCanceledException)
                {
                    // the default above stands
                }
                Console.WriteLine({{(call.IsRanking ? "string.Join(\", \", decision)" : "decision")}});
                """),
            new($"Report an outcome of {call.Reported}", $$"""
                if (decisionId is not null)
                    await looper.PostAsJsonAsync("/v1/observations", new JsonObject { ["decisionId"] = decisionId, {{(call.IsRanking ? "[\"candidate\"] = decision[0], " : "")}}["outcomes"] = {{Text(call.Outcomes)}} });
                """),
            new($"Report an outcome of one {call.UnitName}", $$"""
                await looper.PostAsJsonAsync("/v1/observations", {{Text(new JsonObject { ["unit"] = call.Unit, ["outcomes"] = call.Outcomes })}});
                """),
            new("Decide many at once", $$"""
                var many = await looper.PostAsJsonAsync("/v1/decisions/batch", {{Text(new JsonObject { ["items"] = new JsonArray(call.Decide(), call.Decide()) })}});
                Console.WriteLine(await many.Content.ReadAsStringAsync());
                """),
        ];
    }

    /// <summary>A whole number would make the variable one that holds no other.</summary>
    internal static string Real(string json) => json.AsSpan().ContainsAny('.', 'E', 'e') ? json : json + ".0";

    /// <summary>JSON parsed from a raw string reads like what is sent.</summary>
    private static string Text(JsonNode node) => $"JsonNode.Parse(\"\"\"{SnippetCall.Json(node)}\"\"\")";
}
