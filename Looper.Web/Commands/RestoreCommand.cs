using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Looper.Core;
using Looper.Core.Backups;
using Looper.Core.Events;
using Looper.Core.Persistence;

namespace Looper.Web.Commands;

internal static class RestoreCommand
{
    public static Command Create()
    {
        var from = new Option<string>("--from") { Description = "Folder that backup made.", Required = true };
        var replace = new Option<bool>("--replace") { Description = "Move the data directory that is there aside. Its erasures are applied to the restored one." };
        var erasures = new Option<string?>("--erasures") { Description = "Data directory, or newer backup, whose erasures are to be applied too." };
        var command = new Command("restore", "Make a data directory from a backup, while no server runs on it.") { from, replace, erasures };
        command.Works(async (services, parsed, cancel) =>
        {
            if (string.IsNullOrWhiteSpace(parsed.GetRequiredValue(from))) return await RefuseAsync(new("backup.source", "--from is empty. Name the folder that backup made."));
            var (started, source) = (Stopwatch.GetTimestamp(), Path.GetFullPath(parsed.GetRequiredValue(from)));
            var restore = services.GetRequiredService<RestoreActions>();
            var check = await restore.CheckAsync(source, parsed.GetValue(erasures), cancel);
            if (check.Refusal is { } refused) return await RefuseAsync(refused);
            var placed = await restore.PlaceAsync(source, check.Value!, parsed.GetValue(replace), parsed.GetValue(erasures), cancel);
            if (placed.Refusal is { } kept) return await RefuseAsync(kept);
            var (aside, other) = placed.Value!;
            if (aside.Length > 0) await System.Console.Out.WriteLineAsync($"What was there lies in {aside}.");

            services.GetRequiredService<DataDirectory>().Open(restoring: true);
            await services.GetRequiredService<DatabaseStart>().OpenAsync(cancel);
            var again = restore.Finish(await services.GetRequiredService<ErasuresAgain>().RunAsync(other, cancel));
            if (again.Refusal is { } stopped) return await RefuseAsync(stopped);
            await TellAsync(check.Value!, again.Value!, other, Stopwatch.GetElapsedTime(started));
            var corrupt = services.GetRequiredService<CorruptRecords>().Count;
            if (corrupt == 0) return 0;
            await System.Console.Error.WriteLineAsync($"{corrupt} records fail their checksum and are left out of everything; the log names them.");
            return 1;
        });
        return command;
    }

    private static async Task TellAsync(BackupManifest manifest, RestoredEvents events, string? other, TimeSpan taken)
    {
        var text = CultureInfo.InvariantCulture;
        await System.Console.Out.WriteLineAsync(string.Create(text,
            $"Restored the state of {manifest.MadeAt:yyyy-MM-dd HH:mm:ss} UTC in {taken.TotalSeconds:F1} s: {events.Decisions:N0} decisions, {events.Observations:N0} observations, every record checked."));
        await System.Console.Out.WriteLineAsync(string.Create(text, $"Erasures looked for: {events.Receipts:N0}; units erased again: {events.Units:N0}."));
        if (other is null && manifest.Database == DatabaseKind.Sqlite)
        {
            await System.Console.Out.WriteLineAsync(string.Create(text,
                $"Units erased after {manifest.MadeAt:yyyy-MM-dd HH:mm:ss} UTC are in this directory again: their receipts are in a database that was not given. Before serving, restore with --erasures FOLDER naming the old data directory or a newer backup, or erase them again by hand."));
        }
    }

    private static async Task<int> RefuseAsync(Refusal refusal)
    {
        await System.Console.Error.WriteLineAsync(refusal.Reason);
        return 2;
    }
}
