using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Looper.Benchmarks.Serving;

/// <summary>The baseline: a minimal API that reads the same call and writes the same answer, with source-generated JSON and nothing else.
/// A server of its own in this process, so that none of Looper's middleware, options or limits are on its way.</summary>
internal static class BareEndpoint
{
    public static async Task<WebApplication> StartAsync(int port)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls($"http://127.0.0.1:{port}");
        builder.Services.ConfigureHttpJsonOptions(json => json.SerializerOptions.TypeInfoResolverChain.Insert(0, BareJson.Default));
        var app = builder.Build();
        app.MapPost("/bench/bare", (BareCall call) => Answer(call.Unit));
        app.MapPost("/bench/bare/batch", (BareBatch batch) => new BareAnswers([.. batch.Items.Select(i => new BareItem(200, Answer(i.Unit)))]));
        await app.StartAsync();
        return app;
    }

    private static BareAnswer Answer(string unit) => new(
        "0199c0de-0000-7000-8000-000000000000", unit.Length > 0 ? "ten-percent" : "none", 0.3333333333333333, "explore", null, null, 1, null, false);
}

internal sealed record BareCall(string DecisionPoint, string Unit, BareContext Context);

internal sealed record BareContext(
    double Number0, double Number1, double Number2, double Number3, double Number4, double Number5, double Number6, double Number7,
    double Number8, double Number9, double Number10, double Number11, bool Flag12, bool Flag13, bool Flag14, bool Flag15,
    string Category16, string Category17, string Category18, string Category19);

internal sealed record BareAnswer(
    string DecisionId, string Decision, double Propensity, string Reason, string? Arm, string? Experiment, int BlueprintVersion, int? ModelVersion, bool IsDefault);

internal sealed record BareBatch(IReadOnlyList<BareCall> Items);

internal sealed record BareItem(int Status, BareAnswer Result);

internal sealed record BareAnswers(IReadOnlyList<BareItem> Items);

[JsonSourceGenerationOptions(System.Text.Json.JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(BareCall))]
[JsonSerializable(typeof(BareAnswer))]
[JsonSerializable(typeof(BareBatch))]
[JsonSerializable(typeof(BareAnswers))]
internal sealed partial class BareJson : JsonSerializerContext;
