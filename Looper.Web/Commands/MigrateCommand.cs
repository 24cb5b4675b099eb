using System.CommandLine;
using Looper.Core;
using Looper.Core.Persistence;
using Looper.Web.Hosting;
using Microsoft.Extensions.Options;

namespace Looper.Web.Commands;

internal static class MigrateCommand
{
    public static Command Create()
    {
        var script = new Option<bool>("--script") { Description = "Print the statements instead, for somebody who may change the database." };
        var command = new Command("migrate", "Bring the database to this version, after a copy of it. Serving does the same at its start.") { script };
        command.Works(async (services, parsed, cancel) =>
        {
            var start = services.GetRequiredService<DatabaseStart>();
            var options = services.GetRequiredService<IOptions<LooperOptions>>().Value;
            await using var store = options.Database == DatabaseKind.Sqlite ? null : ShippingSetup.StoreOf(options);
            if (parsed.GetValue(script))
            {
                await System.Console.Out.WriteLineAsync(start.Script());
                if (store is not null) await System.Console.Out.WriteLineAsync(store.Schema);
                return 0;
            }
            services.GetRequiredService<DataDirectory>().Open();
            await start.OpenAsync(cancel);
            if (store is not null) await store.OpenAsync(cancel);
            await System.Console.Out.WriteLineAsync("The database is up to date.");
            return 0;
        });
        return command;
    }
}
