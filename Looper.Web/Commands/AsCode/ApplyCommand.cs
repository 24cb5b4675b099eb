using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Serialization;
using Looper.Core.Decisions.AsCode;
using Looper.Web.Api;
using Looper.Web.Commands.Files;

namespace Looper.Web.Commands.AsCode;

/// <summary><c>plan</c> and <c>apply</c>: hold a YAML file against the decision points of a running server, and make them what the file says.</summary>
internal static class ApplyCommand
{
    private const int Changes = 1, Refused = 2;

    // Fields that a newer server adds are none of ours.
    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web)
    {
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
        RespectRequiredConstructorParameters = true,
        RespectNullableAnnotations = true,
    };

    public static Command CreatePlan()
    {
        var exits = new Option<bool>("--exit-code") { Description = "End with 1 where something would change, 0 where nothing would." };
        return Create("plan", "Say what applying a YAML file would change, and change nothing.", "read or manage", exits, (parsed, done) =>
            parsed.GetValue(exits) && done.DecisionPoints.Any(p => p.Action != PlannedAction.Unchanged) ? Changes : 0);
    }

    public static Command Create()
    {
        var note = new Option<string?>("--note") { Description = "Note of the versions it publishes, such as the commit." };
        return Create("apply", "Make the decision points of a running server what a YAML file says. All of it or nothing; what it does not name is left alone.", "manage", note, (_, _) => 0);
    }

    private static Command Create(string name, string description, string may, Option own, Func<ParseResult, ConfigurationApi.AppliedView, int> code)
    {
        var file = new Argument<string>("FILE") { Description = "YAML file, as `export` writes it." };
        var url = ServerOption.Create();
        var force = new Option<bool>("--force") { Description = "Also replace versions that the file was not made from." };
        var command = new Command(name, $"{description} A key that may {may} is taken from {KeyVariable.Name}.") { file, url, force, own };
        command.SetAction(async (parsed, cancel) =>
        {
            var query = $"dryRun={(name == "plan" ? "true" : "false")}&force={(parsed.GetValue(force) ? "true" : "false")}"
                + (own is Option<string?> note && parsed.GetValue(note) is { Length: > 0 } text ? $"&note={Uri.EscapeDataString(text)}" : "");
            var ended = Refused;
            await CommandFile.RunAsync(async () =>
            {
                var key = KeyVariable.Read(may, out var unset);
                if (unset is not null) throw new FileFault(unset);
                var path = parsed.GetRequiredValue(file);
                if (!File.Exists(path)) throw new FileFault($"There is no file {path}.");
                ended = code(parsed, await SendAsync(LooperCall.To(parsed.GetValue(url)!, key), query, await File.ReadAllBytesAsync(path, cancel), System.Console.Out, cancel));
            });
            return ended;
        });
        return command;
    }

    /// <exception cref="FileFault">It was refused, with a line for each fault.</exception>
    internal static async Task<ConfigurationApi.AppliedView> SendAsync(LooperCall server, string query, byte[] yaml, TextWriter to, CancellationToken cancel)
    {
        var (body, refused) = await server.PostAsync($"api/apply?{query}", yaml, cancel);
        if (body is null) throw new FileFault(refused);
        var done = Read(body) ?? throw new FileFault(server.Foreign(StatusCodes.Status200OK));
        foreach (var line in AppliedWords.Of(done)) await to.WriteLineAsync(line);
        return done;
    }

    /// <summary>Null for what is no answer of Looper's.</summary>
    private static ConfigurationApi.AppliedView? Read(string body)
    {
        try
        {
            return JsonSerializer.Deserialize<ConfigurationApi.AppliedView>(body, s_json);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
