using System.CommandLine;
using System.Text;
using Looper.Core.Access;
using Looper.Core.Persistence;

namespace Looper.Web.Commands;

/// <summary>For an operator who cannot, or does not want to, set Looper up in a browser. The password never stands on the command
/// line, where every user of the machine could read it.</summary>
internal static class CreateAdminCommand
{
    private const string Variable = "LOOPER_ADMIN_PASSWORD";

    public static Command Create()
    {
        var email = new Option<string>("--email") { Description = "To sign in with. No mail is sent.", Required = true };
        var name = new Option<string>("--name") { Description = "What others see.", Required = true };
        var command = new Command("create-admin", $"Add an admin, while the server is stopped. The password is asked for, or taken from {Variable}.") { email, name };
        command.Works(async (services, parsed, cancel) =>
        {
            if (Password() is not { Length: > 0 } password)
            {
                await System.Console.Error.WriteLineAsync($"No password. Type one when asked, or put it into {Variable}.");
                return 2;
            }
            services.GetRequiredService<DataDirectory>().Open();
            await services.GetRequiredService<DatabaseStart>().OpenAsync(cancel);
            var created = await services.GetRequiredService<UserActions>()
                .CreateAsync(Caller.System, parsed.GetRequiredValue(email), parsed.GetRequiredValue(name), Role.Admin, password, cancel);
            if (created.Refusal is { } refusal)
            {
                await System.Console.Error.WriteLineAsync(refusal.Reason);
                return 2;
            }
            await System.Console.Out.WriteLineAsync($"{parsed.GetValue(email)} may now sign in as admin.");
            return 0;
        });
        return command;
    }

    private static string? Password()
    {
        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } given) return given;
        if (System.Console.IsInputRedirected) return System.Console.In.ReadLine();
        System.Console.Error.Write("Password: ");
        var typed = new StringBuilder();
        for (var key = System.Console.ReadKey(intercept: true); key.Key != ConsoleKey.Enter; key = System.Console.ReadKey(intercept: true))
        {
            if (key.Key == ConsoleKey.Backspace) typed.Length = Math.Max(0, typed.Length - 1);
            else typed.Append(key.KeyChar);
        }
        System.Console.Error.WriteLine();
        return typed.ToString();
    }
}
