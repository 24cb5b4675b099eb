using System.CommandLine;

namespace Looper.Web.Commands.Optimize;

/// <summary><c>optimize</c>: asks for trials and is told their metrics, both as lines of JSON, with the kernels that studies use.</summary>
internal static class OptimizeCommand
{
    public static Command Create()
    {
        var space = new Option<string>("--space") { Description = "JSON file with parameters, goals and constraints.", Required = true };
        var trials = new Option<int>("--trials") { Description = "Trials in all.", DefaultValueFactory = _ => 50 };
        var batch = new Option<int>("--batch") { Description = "Trials asked for at once.", DefaultValueFactory = _ => 1 };
        var seed = new Option<long>("--seed") { Description = "Fixes every random choice.", DefaultValueFactory = _ => 1 };
        var command = new Command("optimize", "Find good settings: writes {\"ask\":…} lines, reads {\"tell\":…} lines, ends with {\"best\":…}.") { space, trials, batch, seed };
        command.SetAction((parsed, cancel) => RunAsync(parsed.GetValue(space)!, parsed.GetValue(trials), parsed.GetValue(batch), parsed.GetValue(seed), cancel));
        return command;
    }

    private static async Task<int> RunAsync(string space, int trials, int batch, long seed, CancellationToken cancel)
    {
        try
        {
            if (trials < 1) throw new OptimizeFault($"--trials: {trials} is too few, give 1 or more.");
            if (batch < 1) throw new OptimizeFault($"--batch: {batch} is too few, give 1 or more.");
            var read = OptimizeSpace.Read(await File.ReadAllTextAsync(space, cancel), seed);
            foreach (var unused in read.Unused) await System.Console.Error.WriteLineAsync($"{unused} is not used.");
            await new OptimizeLoop(read, System.Console.In, System.Console.Out, System.Console.Error).RunAsync(trials, batch, cancel);
            return 0;
        }
        catch (Exception fault) when (fault is OptimizeFault or IOException or UnauthorizedAccessException)
        {
            await System.Console.Error.WriteLineAsync(fault.Message);
            return 2;
        }
    }
}

/// <summary>Arguments, space or a line cannot be used; the message is the one line that the user sees.</summary>
internal sealed class OptimizeFault(string message) : Exception(message);
