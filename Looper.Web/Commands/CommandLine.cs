using System.CommandLine;
using System.CommandLine.Invocation;
using Looper.Web.Commands.AsCode;
using Looper.Web.Commands.Effects;
using Looper.Web.Commands.Import;
using Looper.Web.Commands.Learn;
using Looper.Web.Commands.OffPolicy;
using Looper.Web.Commands.Optimize;
using Looper.Web.Commands.Replay;
using Looper.Web.Commands.Uplift;

namespace Looper.Web.Commands;

/// <summary>The commands of the one executable. Without a command it serves.</summary>
public static class CommandLine
{
    private const int Refused = 1, BadArguments = 2;

    /// <param name="serve">Runs the server with these settings until it is stopped.</param>
    public static async Task<int> RunAsync(string[] args, Func<string[], Task> serve)
    {
        var configuration = new InvocationConfiguration
        {
            EnableDefaultExceptionHandler = false, // a fault shows its trace
            ProcessTerminationTimeout = null, // the host listens for signals itself
        };
        try
        {
            var parsed = Root(serve).Parse(args);
            var fault = parsed.Action is ParseErrorAction ? string.Join(' ', parsed.Errors.Select(e => e.Message)) : Unknown(parsed);
            if (fault is null) return await parsed.InvokeAsync(configuration);
            await System.Console.Error.WriteLineAsync($"{fault} Ask for --help.");
            return BadArguments;
        }
        catch (Exception fault) when (StartFaults.Sentence(fault) is { } sentence)
        {
            await System.Console.Error.WriteLineAsync(sentence);
            return Refused;
        }
    }

    // The root takes settings, and what it lets pass the parser lets pass below it too: a misspelt option would be one that was not given.
    private static string? Unknown(ParseResult parsed) =>
        parsed.CommandResult.Command is { TreatUnmatchedTokensAsErrors: true } command && parsed.Action == command.Action && parsed.UnmatchedTokens is [var unknown, ..]
            ? $"Unknown argument '{unknown}' of {command.Name}." : null;

    private static RootCommand Root(Func<string[], Task> serve)
    {
        var root = new RootCommand("Looper puts machine learning behind a decision in your product. Without a command it serves.");
        Serves(root, serve);
        root.Add(Serves(new Command("serve", "Serve the API and the console (what happens without a command)."), serve));
        root.Add(MigrateCommand.Create());
        root.Add(CreateAdminCommand.Create());
        root.Add(BackupCommand.Create());
        root.Add(RestoreCommand.Create());
        root.Add(RefillCommand.Create());
        root.Add(ExportCommand.Create());
        root.Add(ApplyCommand.CreatePlan());
        root.Add(ApplyCommand.Create());
        root.Add(ReplayCommand.Create());
        root.Add(ImportCommand.Create());
        root.Add(LearnCommand.Create());
        root.Add(OptimizeCommand.Create());
        root.Add(EffectsCommand.Create());
        root.Add(UpliftCommand.Create());
        root.Add(OffPolicyCommand.Create());
        return root;
    }

    private static Command Serves(Command command, Func<string[], Task> serve)
    {
        var demo = new Option<bool>("--demo") { Description = "Drive one decision point of a small simulated shop. Listens on this machine only." };
        command.Add(demo);
        command.TreatUnmatchedTokensAsErrors = false;
        command.SetAction(async (parsed, _) =>
        {
            if (!Settings.TryRead(parsed.UnmatchedTokens, out var settings, out var fault))
            {
                await System.Console.Error.WriteLineAsync($"{fault} Ask for --help.");
                return BadArguments;
            }
            await serve(parsed.GetValue(demo) ? [.. settings, "--Looper:Demo=true"] : settings);
            return 0;
        });
        return command;
    }
}
