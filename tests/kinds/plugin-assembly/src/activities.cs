[assembly: System.Reflection.AssemblyVersion("4.0.0.0")]
namespace System.Activities
{
    public abstract class CodeActivity { protected abstract void Execute(object context); }
}
