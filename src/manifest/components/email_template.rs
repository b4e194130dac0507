//! `components.emailTemplates`

use crate::diagnostic::Diagnostic;
use crate::manifest::components::extra::extra;
use crate::manifest::components::files::{below, inside, one};
use crate::manifest::components::scope::Scope;
use crate::manifest::meant;
use crate::manifest::meant::components::email_template::EmailContent;
use crate::manifest::meant::components::table::column::Named;
use crate::manifest::written::components::email_template::EmailTemplate;

/// The template that one entry stands for.
pub fn email_template(written: &EmailTemplate, scope: &mut Scope<'_>) -> Option<meant::EmailTemplate> {
    let title = written.title.as_ref()?;
    let content = match (&written.subject, &written.body, &written.folder) {
        (Some(subject), Some(body), None) => {
            EmailContent::Plain(subject.value.0.clone(), one(body, scope.folder, scope.findings).pop()?.0)
        }
        (None, None, Some(folder)) => {
            let path = inside(folder, scope.folder, scope.findings)?;
            if !path.is_dir() {
                let message = format!("`{}` is not a folder", folder.shown);
                scope.findings.push(Diagnostic::error("folder-missing", message).at(&folder.span).help(
                    "name a folder with subject.xsl, subjectpresentationxml.xml, body.xsl and presentationxml.xml",
                ));
                return None;
            }
            for name in ["subject.xsl", "subjectpresentationxml.xml", "body.xsl", "presentationxml.xml"] {
                inside(&below(folder, name), scope.folder, scope.findings)?;
            }
            EmailContent::Folder(path)
        }
        _ => {
            scope.findings.push(
                Diagnostic::error("email-template", "an e-mail template needs subject and body, or a folder")
                    .at(&title.span)
                    .help("write `subject: …` and `body: file.html`, or `folder: …` alone"),
            );
            return None;
        }
    };
    let table = written.table.as_ref()?;
    Some(meant::EmailTemplate {
        title: title.value.0.clone(),
        table: Named { name: table.value.0.clone(), span: table.span.clone() },
        description: written.description.as_ref().map(|it| it.value.0.clone()),
        content,
        language: written.language.as_ref().map(|it| it.value.0),
        id: written.id.as_ref().map(|it| it.value.0),
        extra: extra(written.xml.as_ref()),
        span: title.span.clone(),
    })
}
